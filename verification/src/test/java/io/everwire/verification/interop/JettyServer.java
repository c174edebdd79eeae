package io.everwire.verification.interop;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/** Jetty, with its own API. Public, because Jetty reaches its listeners by method handles. */
public final class JettyServer extends PeerServer {
    private static final int LARGEST_MESSAGE = 1 << 20;

    private @Nullable Server server;

    JettyServer() {
        super("Jetty", Wire.WS);
    }

    @Override
    void require() {
        // A dependency of these tests.
    }

    @Override
    String version() {
        return Server.getVersion();
    }

    @Override
    int start(int port) throws Exception {
        Server started = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        server = started;
        started.setHandler(WebSocketUpgradeHandler.from(started, this::configure));
        started.start();
        return ((ServerConnector) started.getConnectors()[0]).getLocalPort();
    }

    private void configure(ServerWebSocketContainer container) {
        // Jetty's own limit is 64 KiB.
        container.setMaxTextMessageSize(LARGEST_MESSAGE);
        container.setMaxBinaryMessageSize(LARGEST_MESSAGE);
        container.addMapping("/", (request, response, callback) -> {
            if (request.hasSubProtocol(Orders.SUBPROTOCOL)) {
                response.setAcceptedSubProtocol(Orders.SUBPROTOCOL);
            }
            return new Connection();
        });
    }

    @Override
    void kill() throws Exception {
        if (server != null) {
            server.stop();
        }
    }

    public final class Connection implements Session.Listener.AutoDemanding, Orders.Line {
        private @Nullable Session session;

        private Session session() {
            if (session == null) {
                throw new AssertionError("something came before onWebSocketOpen");
            }
            return session;
        }

        @Override
        public void onWebSocketOpen(Session opened) {
            session = opened;
        }

        @Override
        public void onWebSocketText(String text) {
            try {
                Orders.obey(text, this);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            session().sendBinary(payload, callback);
        }

        @Override
        public void onWebSocketPong(ByteBuffer payload) {
            send("pong " + StandardCharsets.UTF_8.decode(payload));
        }

        @Override
        public void onWebSocketClose(int code, @Nullable String reason, Callback callback) {
            sawEnd(code, reason);
            callback.succeed();
        }

        @Override
        public void send(String text) {
            session().sendText(text, Callback.NOOP);
        }

        @Override
        public void send(List<String> parts) throws Exception {
            for (int i = 0; i < parts.size(); i++) {
                Callback.Completable sent = new Callback.Completable();
                session().sendPartialText(parts.get(i), i == parts.size() - 1, sent);
                sent.get(10, TimeUnit.SECONDS);
            }
        }

        @Override
        public void ping(String payload) {
            session().sendPing(StandardCharsets.UTF_8.encode(payload), Callback.NOOP);
        }

        @Override
        public void close(int code, String reason) {
            session().close(code, reason, Callback.NOOP);
        }

        @Override
        public String subprotocol() {
            return session().getUpgradeResponse().getAcceptedSubProtocol();
        }
    }
}
