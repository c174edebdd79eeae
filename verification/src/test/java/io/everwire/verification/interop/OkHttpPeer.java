package io.everwire.verification.interop;

import io.everwire.verification.conversation.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttp;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.internal.ws.RealWebSocket;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** OkHttp. It pings by itself, and its application cannot; so it is asked whether its own pings were answered. */
final class OkHttpPeer extends PeerClient {
    /** How often it pings; it hangs up when a ping is not answered by the next one. */
    private static final Duration PING = Duration.ofSeconds(2);

    private final OkHttpClient client;
    private final List<WebSocket> open = new CopyOnWriteArrayList<>();

    OkHttpPeer(Wire wire) {
        super("OkHttp", wire, Skill.FRAGMENT);
        OkHttpClient.Builder builder = new OkHttpClient.Builder().pingInterval(PING);
        if (wire == Wire.WSS) {
            builder.sslSocketFactory(Wire.trusting().getSocketFactory(), Wire.trust());
        }
        client = builder.build();
    }

    @Override
    void require() {
        // A dependency of these tests.
    }

    @Override
    String version() {
        return OkHttp.VERSION;
    }

    @Override
    void dial(String url) {
        Request request = new Request.Builder()
                .url(url)
                .header("Sec-WebSocket-Protocol", String.join(", ", Orders.OFFERED))
                .build();
        open.add(client.newWebSocket(request, new Listener()));
    }

    @Override
    void kill() {
        open.forEach(WebSocket::cancel);
        open.clear();
        client.dispatcher().executorService().shutdown();
    }

    private final class Listener extends WebSocketListener {
        private String subprotocol = "";

        @Override
        public void onOpen(WebSocket connection, Response response) {
            subprotocol = String.valueOf(response.header("Sec-WebSocket-Protocol"));
        }

        @Override
        public void onMessage(WebSocket connection, String text) {
            try {
                Orders.obey(text, new OkHttpLine((RealWebSocket) connection, subprotocol));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onMessage(WebSocket connection, ByteString payload) {
            connection.send(payload);
        }

        /** OkHttp answers a close frame only when its application does. */
        @Override
        public void onClosing(WebSocket connection, int code, String reason) {
            connection.close(code, reason);
        }

        @Override
        public void onClosed(WebSocket connection, int code, String reason) {
            sawEnd(code, reason);
        }

        @Override
        public void onFailure(WebSocket connection, Throwable error, @Nullable Response response) {
            sawEnd(1006, null);
        }
    }

    private record OkHttpLine(RealWebSocket connection, String subprotocol) implements Orders.Line {
        @Override
        public void send(String text) {
            connection.send(text);
        }

        @Override
        public void send(List<String> parts) {
            throw new AssertionError("OkHttp sends no fragments");
        }

        @Override
        public void ping(String payload) {
            int before = connection.receivedPongCount();
            Thread waiting = new Thread(() -> {
                Patience.until("a pong to OkHttp's ping", () -> connection.receivedPongCount() > before);
                connection.send("pong " + payload);
            });
            waiting.setDaemon(true);
            waiting.start();
        }

        @Override
        public void close(int code, String reason) {
            connection.close(code, reason);
        }
    }
}
