package io.everwire.benchmarks.contestants;

import jakarta.websocket.OnMessage;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;

/** An endpoint of Jakarta WebSocket, for whichever container runs it. */
@ServerEndpoint(EchoService.PATH)
public final class JakartaEcho {
    /** Sends back what it is given. */
    @OnMessage(maxMessageSize = EchoService.LARGEST_MESSAGE)
    public String echo(String text) {
        return text;
    }

    /** Sends back what it is given. */
    @OnMessage(maxMessageSize = EchoService.LARGEST_MESSAGE)
    public ByteBuffer echo(ByteBuffer payload) {
        return payload;
    }
}
