package io.everwire.benchmarks.contestants;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/** Jetty, with its own API. */
public final class JettyServer implements EchoService {
    @Override
    public int start() throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setAcceptQueueSize(BACKLOG);
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(server, JettyServer::configure));
        server.start();
        return connector.getLocalPort();
    }

    private static void configure(ServerWebSocketContainer container) {
        container.setMaxTextMessageSize(LARGEST_MESSAGE);
        container.setMaxBinaryMessageSize(LARGEST_MESSAGE);
        container.setIdleTimeout(Duration.ofHours(1));
        container.addMapping(PATH, (request, response, callback) -> new Echo());
    }

    /** Public, because Jetty reaches its listeners by method handles. */
    public static final class Echo implements Session.Listener.AutoDemanding {
        private @Nullable Session session;

        @Override
        public void onWebSocketOpen(Session opened) {
            session = opened;
        }

        @Override
        public void onWebSocketText(String text) {
            opened().sendText(text, Callback.NOOP);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            opened().sendBinary(payload, callback);
        }

        private Session opened() {
            if (session == null) {
                throw new IllegalStateException("a message came before onWebSocketOpen");
            }
            return session;
        }
    }
}
