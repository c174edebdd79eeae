package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The thinnest real path: a peer that is not ours talks to our server over a real connection. */
class EchoTest {
    private static final SessionListener ECHO = new SessionListener() {
        @Override
        public void onView(Session session, MessageView view) {
            session.trySend(view);
        }
    };

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @Test
    void echoesTextAndClosesCleanly() throws Exception {
        try (EverwireServer server =
                EverwireServer.builder().listen("/echo", ECHO).start()) {
            WebSocket peer = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/echo"), new Recorder())
                    .get(5, TimeUnit.SECONDS);

            peer.sendText("hello", true).get(5, TimeUnit.SECONDS);
            assertThat(received.poll(5, TimeUnit.SECONDS)).isEqualTo("hello");

            peer.sendClose(1000, "bye").get(5, TimeUnit.SECONDS);
            assertThat(received.poll(5, TimeUnit.SECONDS)).isEqualTo("closed 1000 bye");
        }
    }

    private final class Recorder implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket peer, CharSequence part, boolean isLast) {
            text.append(part);
            if (isLast) {
                received.add(text.toString());
                text.setLength(0);
            }
            peer.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket peer, int code, String reason) {
            received.add("closed " + code + " " + reason);
            return null;
        }
    }
}
