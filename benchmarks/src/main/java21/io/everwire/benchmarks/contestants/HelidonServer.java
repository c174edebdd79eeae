package io.everwire.benchmarks.contestants;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;

/** Helidon SE, a virtual thread for each connection. */
public final class HelidonServer implements EchoService {
    @Override
    public int start() {
        return WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .backlog(BACKLOG)
                .addRouting(WsRouting.builder().endpoint(PATH, new Echo()))
                .build()
                .start()
                .port();
    }

    private static final class Echo implements WsListener {
        @Override
        public void onMessage(WsSession session, String text, boolean isLast) {
            session.send(text, isLast);
        }

        @Override
        public void onMessage(WsSession session, BufferData payload, boolean isLast) {
            session.send(payload, isLast);
        }
    }
}
