package io.everwire.benchmarks.contestants;

import java.util.Map;
import org.glassfish.tyrus.server.Server;

/** Tyrus, the reference of Jakarta WebSocket, on Grizzly. */
public final class TyrusServer implements EchoService {
    @Override
    public int start() throws Exception {
        // Port 0 stands for its default, 8025; -1 takes a free one.
        Server server = new Server("127.0.0.1", -1, "/", Map.of(), JakartaEcho.class);
        server.start();
        return server.getPort();
    }
}
