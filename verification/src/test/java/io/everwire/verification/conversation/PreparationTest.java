package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Backoff;
import io.everwire.Delivery;
import io.everwire.ReconnectPolicy;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionState;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Control;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code onReady} prepares a session once, however many connections it takes. */
class PreparationTest {
    private static final ReconnectPolicy BRISK = ReconnectPolicy.DEFAULT
            .withBackoff(Backoff.fixed(Duration.ofMillis(50)))
            .withBudgets(10_000, 10_000);

    @AutoClose
    private final Opened opened = new Opened();

    /** Prepares when a test says so. */
    private static final class Preparing extends RecordingListener {
        final AtomicInteger calls = new AtomicInteger();
        final CompletableFuture<DirectSender> direct = new CompletableFuture<>();
        final CompletableFuture<Void> prepared = new CompletableFuture<>();
        volatile boolean isPreparedWhenSuspended;

        @Override
        public void onEvent(Session session, SessionEvent event) {
            super.onEvent(session, event);
            if (event instanceof SessionEvent.Suspended && isPreparedWhenSuspended) {
                prepared.complete(null);
            }
        }

        @Override
        public CompletionStage<?> onReady(Session session, DirectSender sender) {
            calls.incrementAndGet();
            direct.complete(sender);
            return prepared;
        }
    }

    private EverwireServer serve(RecordingListener listener) {
        return opened.serve(
                EverwireServer.builder().sessions(ResumePolicy.DEFAULT).listen("/", listener));
    }

    @Test
    void mayGoOnAtAServerWhoseConnectionEndedMeanwhile() throws IOException {
        Preparing listener = new Preparing();
        EverwireServer server = serve(listener);
        try (SessionPeer first = SessionPeer.begin(server.port())) {
            CompletionStage<Delivery> early = Patience.of(listener.direct).send("one");
            assertThat(first.next()).isEqualTo("one");
            first.cut();
            listener.await(SessionEvent.Suspended.class);
            CompletionStage<Delivery> late = Patience.of(listener.direct).send("two");
            CompletionStage<Delivery> queued = listener.session().send("three");
            listener.prepared.complete(null);
            listener.await(SessionEvent.Ready.class);
            try (SessionPeer second =
                    SessionPeer.open(server.port(), SessionPeer.claim(first.hello(), first.secret(), 1, 1, 1, 1))) {
                assertThat(second.hello().status()).isEqualTo(Control.Status.RESUMED);
                assertThat(second.next(2)).containsExactly("two", "three");
                second.ack(3);
                assertThat(Patience.of(early)).isEqualTo(Delivery.CONFIRMED);
                assertThat(Patience.of(late)).isEqualTo(Delivery.CONFIRMED);
                assertThat(Patience.of(queued)).isEqualTo(Delivery.CONFIRMED);
            }
        }
        assertThat(listener.calls).hasValue(1);
        assertThat(listener.all(SessionEvent.Ready.class)).hasSize(1);
    }

    private Session connect(int port, RecordingListener listener, Duration readyTimeout) {
        return opened.connect(
                EverwireClient.to(Opened.url(port))
                        .reconnect(BRISK.withTimeouts(Duration.ofSeconds(5), readyTimeout))
                        .sessions(),
                listener);
    }

    @Test
    void mayGoOnAtAClientThatIsBackMeanwhile() throws IOException {
        RecordingListener server = new RecordingListener();
        Preparing listener = new Preparing();
        Tap tap = opened.add(new Tap(serve(server).port()));
        Session session = connect(tap.port(), listener, Duration.ofSeconds(10));
        CompletionStage<Delivery> early = Patience.of(listener.direct).send("one");
        assertThat(server.next().text()).isEqualTo("one");
        tap.cut();
        listener.await(SessionEvent.Resumed.class);
        CompletionStage<Delivery> late = Patience.of(listener.direct).send("two");
        CompletionStage<Delivery> queued = session.send("three");
        assertThat(server.next().text()).isEqualTo("two");
        assertThat(session.state()).isEqualTo(SessionState.READYING);
        listener.prepared.complete(null);
        assertThat(server.next().text()).isEqualTo("three");
        assertThat(Patience.of(early)).isEqualTo(Delivery.CONFIRMED);
        assertThat(Patience.of(late)).isEqualTo(Delivery.CONFIRMED);
        assertThat(Patience.of(queued)).isEqualTo(Delivery.CONFIRMED);
        assertThat(listener.calls).hasValue(1);
        listener.await(SessionEvent.Ready.class);
        tap.cut();
        listener.await(SessionEvent.Resumed.class, 2);
        assertThat(listener.calls).hasValue(1);
        assertThat(listener.all(SessionEvent.Ready.class)).hasSize(1);
    }

    @Test
    void mayEndWhileAClientIsAway() throws IOException {
        RecordingListener server = new RecordingListener();
        Preparing listener = new Preparing();
        listener.isPreparedWhenSuspended = true;
        Tap tap = opened.add(new Tap(serve(server).port()));
        Session session = connect(tap.port(), listener, Duration.ofSeconds(10));
        Patience.of(listener.direct);
        tap.cut();
        listener.await(SessionEvent.Ready.class);
        assertThat(Patience.of(session.send("one"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(listener.calls).hasValue(1);
        assertThat(listener.all(SessionEvent.Resumed.class)).hasSize(1);
    }

    @Test
    void isCalledAgainWhenItTookTooLong() {
        AtomicInteger calls = new AtomicInteger();
        RecordingListener listener = new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                return calls.incrementAndGet() == 1
                        ? new CompletableFuture<>()
                        : CompletableFuture.completedFuture(null);
            }
        };
        EverwireServer server = serve(new RecordingListener());
        Session session = connect(server.port(), listener, Duration.ofMillis(200));
        listener.await(SessionEvent.Ready.class);
        assertThat(calls).hasValue(2);
        assertThat(Patience.of(session.send("one"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(listener.all(SessionEvent.SessionLost.class)).isEmpty();
    }
}
