package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Failure;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which sends are in doubt after a loss: the application knows it by the time that it is told of the loss. */
class DoubtTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final Settled client = new Settled();

    /** Notes how sends were settled, and what was settled by the time of each event. */
    private static class Settled extends RecordingListener {
        private final Map<String, Delivery.Outcome> outcomes = new ConcurrentHashMap<>();
        private final Queue<Map<String, Delivery.Outcome>> atLoss = new ConcurrentLinkedQueue<>();

        void note(String text, CompletionStage<Delivery> stage) {
            stage.thenAccept(delivery -> outcomes.put(text, delivery.outcome()));
        }

        void send(Session session, String... texts) {
            List.of(texts).forEach(text -> note(text, session.send(text)));
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            if (event instanceof SessionEvent.Lost || event instanceof SessionEvent.Closed) {
                atLoss.add(new TreeMap<>(outcomes));
            }
            super.onEvent(session, event);
        }
    }

    private static void readTexts(RawPeer peer, int count) throws IOException {
        for (int left = count; left > 0; ) {
            left -= peer.read().opcode() == Frame.TEXT ? 1 : 0;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isSettledBeforeTheLossIsTold(boolean hasExecutor) throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            if (number == 1) {
                readTexts(peer, 2);
                // Answers the ping behind them and no other.
                peer.write(Frame.pongTo(peer.read()));
                readTexts(peer, 3);
                peer.reset();
            } else {
                peer.read(Frame.CLOSE);
            }
        }));
        EverwireClient.Builder builder = EverwireClient.to(server.url());
        if (hasExecutor) {
            builder = builder.executor(opened.threads(Executors.newSingleThreadExecutor()));
        }
        Session session = opened.connect(builder, client);
        client.send(session, "a", "b");
        Patience.until("both are confirmed", () -> client.outcomes.size() == 2);
        client.send(session, "c", "d");
        session.trySend(Message.text("e"));

        SessionEvent.Lost lost = client.await(SessionEvent.Lost.class);
        SessionEvent.Reconnected back = client.await(SessionEvent.Reconnected.class);
        assertThat(client.atLoss)
                .containsExactly(Map.of(
                        "a", Delivery.Outcome.CONFIRMED,
                        "b", Delivery.Outcome.CONFIRMED,
                        "c", Delivery.Outcome.UNKNOWN,
                        "d", Delivery.Outcome.UNKNOWN));
        assertThat(lost.gap().lostEpoch()).isEqualTo(1);
        assertThat(lost.gap().silence()).isGreaterThanOrEqualTo(Duration.ZERO);
        // One of them has no stage.
        assertThat(lost.gap().unknownSends()).isEqualTo(3);
        assertThat(back.gap()).isEqualTo(lost.gap());
    }

    @Test
    void holdsForWhatOnReadyHasSent() throws Exception {
        CompletableFuture<Void> hasRead = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            readTexts(peer, 1);
            hasRead.complete(null);
            peer.readAll();
        }));
        Settled impatient = new Settled() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                note("login", direct.send("login"));
                return hasRead.thenRun(() -> {
                    throw new IllegalStateException("refused");
                });
            }
        };
        Session session = opened.connect(EverwireClient.to(server.url()).reconnect(ReconnectPolicy.never()), impatient);
        Patience.of(session.closed());

        SessionEvent.Lost lost = impatient.await(SessionEvent.Lost.class);
        assertThat(lost.cause().kind()).isEqualTo(Failure.Kind.READY);
        assertThat(lost.gap().unknownSends()).isEqualTo(1);
        assertThat(impatient.atLoss).first().isEqualTo(Map.of("login", Delivery.Outcome.UNKNOWN));
    }

    @Test
    void isSettledBeforeAServersSessionIsToldItsEnd() throws Exception {
        Settled server = new Settled();
        EverwireServer up = opened.serve(server);
        try (RawPeer peer = RawPeer.open(up.port())) {
            server.await(SessionEvent.Ready.class);
            server.send(server.session(), "a", "b");
            readTexts(peer, 2);
            peer.reset();
        }

        server.await(SessionEvent.Closed.class);
        assertThat(server.atLoss).containsExactly(Map.of("a", Delivery.Outcome.UNKNOWN, "b", Delivery.Outcome.UNKNOWN));
    }
}
