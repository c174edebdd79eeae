package io.everwire.verification.interop;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The JDK's own client. */
final class JdkClient extends PeerClient {
    private final HttpClient http;
    private final List<WebSocket> open = new CopyOnWriteArrayList<>();

    JdkClient(Wire wire) {
        super("JDK HttpClient", wire);
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (wire == Wire.WSS) {
            builder.sslContext(Wire.trusting());
        }
        http = builder.build();
    }

    @Override
    void require() {
        // Every JDK has it.
    }

    @Override
    String version() {
        return System.getProperty("java.version");
    }

    @Override
    void dial(String url) {
        http.newWebSocketBuilder()
                .subprotocols(Orders.OFFERED.get(0), Orders.OFFERED.get(1))
                .buildAsync(URI.create(url), new Listener());
    }

    @Override
    void kill() {
        open.forEach(WebSocket::abort);
        open.clear();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private @Nullable JdkLine line;

        @Override
        public void onOpen(WebSocket connection) {
            open.add(connection);
            line = new JdkLine(connection);
            connection.request(1);
        }

        private JdkLine line() {
            if (line == null) {
                throw new AssertionError("something came before onOpen");
            }
            return line;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket connection, CharSequence part, boolean isLast) {
            text.append(part);
            if (isLast) {
                String whole = text.toString();
                text.setLength(0);
                try {
                    Orders.obey(whole, line());
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
            connection.request(1);
            return null;
        }

        /** What comes in parts goes back in parts. */
        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket connection, ByteBuffer part, boolean isLast) {
            ByteBuffer copy = ByteBuffer.allocate(part.remaining()).put(part).flip();
            line().then(() -> connection.sendBinary(copy, isLast));
            connection.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket connection, ByteBuffer payload) {
            line().send("pong " + StandardCharsets.UTF_8.decode(payload));
            connection.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket connection, int code, String reason) {
            sawEnd(code, reason);
            return null;
        }

        @Override
        public void onError(WebSocket connection, Throwable error) {
            sawEnd(1006, null);
        }
    }

    /** One thing after the other: the JDK refuses to begin a send while another goes on. */
    private static final class JdkLine implements Orders.Line {
        private final WebSocket connection;
        private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

        private JdkLine(WebSocket connection) {
            this.connection = connection;
        }

        synchronized void then(Supplier<CompletableFuture<WebSocket>> next) {
            last = last.thenCompose(done -> next.get());
        }

        @Override
        public void send(String text) {
            then(() -> connection.sendText(text, true));
        }

        @Override
        public void send(List<String> parts) {
            for (int i = 0; i < parts.size(); i++) {
                String part = parts.get(i);
                boolean isLast = i == parts.size() - 1;
                then(() -> connection.sendText(part, isLast));
            }
        }

        @Override
        public void ping(String payload) {
            then(() -> connection.sendPing(StandardCharsets.UTF_8.encode(payload)));
        }

        @Override
        public void close(int code, String reason) {
            then(() -> connection.sendClose(code, reason));
        }

        @Override
        public String subprotocol() {
            return connection.getSubprotocol();
        }
    }
}
