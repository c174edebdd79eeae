package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Failure;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code onReady}: log in and subscribe, on every connection, before anything else is sent. */
class ReadyTest {
    @AutoClose
    private final Opened opened = new Opened();

    /** What the server received, by connection. */
    private final Map<Session, List<String>> received = new ConcurrentHashMap<>();

    private final RecordingListener server = new RecordingListener() {
        @Override
        public void onMessage(Session session, Message message) {
            received.computeIfAbsent(session, ignored -> new CopyOnWriteArrayList<>())
                    .add(message.text());
            super.onMessage(session, message);
        }
    };

    @Test
    void runsOnEveryConnectionBeforeAnyQueuedMessage() {
        FaultProxy proxy = opened.proxy(opened.serve(server));
        RecordingListener client = new LoggingIn();
        Session session = opened.connect(EverwireClient.to(Opened.url(proxy.port())), client);
        for (int epoch = 1; epoch <= 4; epoch++) {
            session.send("queued before " + epoch);
            client.await(SessionEvent.Ready.class, epoch);
            Patience.of(session.send("sent in " + epoch));
            proxy.apply(new Reset());
            client.await(SessionEvent.Lost.class, epoch);
        }

        assertThat(received.values())
                .filteredOn(texts -> texts.size() > 1)
                .hasSize(4)
                .allSatisfy(texts -> assertThat(texts.get(0)).startsWith("login "));
        assertThat(received.values().stream().map(texts -> texts.get(0)))
                .contains("login 1", "login 2", "login 3", "login 4");
    }

    @Test
    void answersWhatCameInOnePieceWithTheUpgradeAndItsFailure() throws Exception {
        CompletableFuture<Frame> first = new CompletableFuture<>();
        CompletableFuture<Frame> second = new CompletableFuture<>();
        RawServer raw = opened.add(new RawServer((peer, number) -> {
            ByteArrayOutputStream piece = new ByteArrayOutputStream();
            piece.writeBytes((RawPeer.answerTo(peer.readHead()) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            piece.writeBytes(peer.bytes(Frame.text("hello"), new Frame(true, 5, new byte[0])));
            peer.write(piece.toByteArray());
            first.complete(peer.read());
            second.complete(peer.read());
        }));
        opened.connect(EverwireClient.to(raw.url()).reconnect(ReconnectPolicy.never()), new Echo());

        assertThat(Patience.of(first).payload())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("hello");
        assertThat(Patience.of(second).opcode()).isEqualTo(Frame.CLOSE);
    }

    @Test
    void letsDirectSendsOfAClientPassWhatWasQueuedBefore() {
        opened.connect(opened.serve(server), new QueueingThenLoggingIn());

        assertThat(server.next(3)).containsExactly("login", "subscribe", "queued");
    }

    @Test
    void letsDirectSendsOfAServerPassWhatWasQueuedBefore() {
        RecordingListener client = new RecordingListener();
        opened.connect(opened.serve(new QueueingThenLoggingIn()), client);

        assertThat(client.next(3)).containsExactly("login", "subscribe", "queued");
    }

    @Test
    void confirmsDirectSends() {
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        opened.connect(opened.serve(server), new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                direct.send("login").thenAccept(delivery::complete);
                return CompletableFuture.completedFuture(null);
            }
        });

        assertThat(Patience.of(delivery)).isEqualTo(Delivery.CONFIRMED);
    }

    @Test
    void refusesDirectSendsOnAConnectionThatIsGone() {
        CompletableFuture<SessionListener.DirectSender> sender = new CompletableFuture<>();
        RecordingListener client = new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                sender.complete(direct);
                return CompletableFuture.completedFuture(null);
            }
        };
        FaultProxy proxy = opened.proxy(opened.serve(server));
        opened.connect(EverwireClient.to(Opened.url(proxy.port())), client);
        client.await(SessionEvent.Ready.class);
        proxy.apply(new Reset());
        client.await(SessionEvent.Ready.class, 2);

        Delivery late = Patience.of(Patience.of(sender).send("late"));

        assertThat(late.outcome()).isEqualTo(Delivery.Outcome.NOT_SENT);
        assertThat(late.reason()).contains("gone");
    }

    @Test
    void deliversWhatArrivesWhileOnReadyRuns() {
        CompletableFuture<Object> welcomed = new CompletableFuture<>();
        EverwireServer up = opened.serve(new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                return direct.send("welcome");
            }
        });
        RecordingListener client = new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                return welcomed;
            }
        };
        Session session = opened.connect(up, client);

        assertThat(client.next().text()).isEqualTo("welcome");
        assertThat(session.state()).isEqualTo(SessionState.READYING);
        welcomed.complete("");
        client.await(SessionEvent.Ready.class);
    }

    /** How an application may get {@code onReady} wrong. */
    enum Wrong {
        FAILED,
        THROWN,
        ERROR,
        NULL;

        @SuppressWarnings("NullAway") // What an application without NullAway may do.
        private CompletionStage<?> answer() {
            return switch (this) {
                case FAILED -> CompletableFuture.failedFuture(new IllegalStateException("no such user"));
                case THROWN -> throw new IllegalStateException("no such user");
                case ERROR -> throw new AssertionError("no such user");
                case NULL -> null;
            };
        }

        SessionListener listener(RecordingListener events) {
            return new SessionListener() {
                @Override
                public CompletionStage<?> onReady(Session session, DirectSender direct) {
                    return answer();
                }

                @Override
                public void onEvent(Session session, SessionEvent event) {
                    events.onEvent(session, event);
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsAFailureAsAFailedAttemptThatResetsNothing(Wrong wrong) {
        RecordingListener client = new RecordingListener();
        Session session = opened.connect(opened.serve(server), wrong.listener(client));

        List<SessionEvent.Waiting> waits = client.await(SessionEvent.Waiting.class, 3);

        assertThat(waits)
                .allSatisfy(wait -> assertThat(wait.failure().kind()).isEqualTo(Failure.Kind.READY))
                .extracting(SessionEvent.Waiting::attempt)
                .startsWith(2L, 3L, 4L);
        assertThat(client.all(SessionEvent.Ready.class)).isEmpty();
        assertThat(client.all(SessionEvent.Lost.class))
                .extracting(SessionEvent.Lost::epoch)
                .startsWith(1, 2, 3);
        assertThat(session.explain()).contains("READY");
        session.close();
        Patience.of(session.closed());
    }

    @DisplayName("EXC-01: onReady throws")
    @ParameterizedTest
    @EnumSource
    void closesAServersSessionWhoseOnReadyFails(Wrong wrong) throws Exception {
        RecordingListener events = new RecordingListener();
        try (RawPeer peer = RawPeer.open(opened.serve(wrong.listener(events)).port())) {
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(1011);
        }
        assertThat(events.await(SessionEvent.Closed.class).epoch()).isEqualTo(1);
        Patience.of(events.session().closed());
    }

    @Test
    void givesUpAConnectionWhoseOnReadyIsLate() {
        RecordingListener client = new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                return new CompletableFuture<>();
            }
        };
        EverwireServer up = opened.serve(server);
        opened.connect(
                EverwireClient.to(Opened.url(up.port()))
                        .reconnect(
                                ReconnectPolicy.DEFAULT.withTimeouts(Duration.ofSeconds(20), Duration.ofMillis(100))),
                client);

        List<SessionEvent.Lost> lost = client.await(SessionEvent.Lost.class, 2);

        assertThat(lost).allSatisfy(loss -> {
            assertThat(loss.cause().kind()).isEqualTo(Failure.Kind.READY_TIMEOUT);
            assertThat(loss.cause().message()).contains("100 ms");
        });
    }

    /** Logs in on every connection. */
    private static final class LoggingIn extends RecordingListener {
        @Override
        public CompletionStage<?> onReady(Session session, DirectSender direct) {
            direct.send("login " + session.epoch());
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Uses the queue first, and the direct sender only then. */
    private static final class QueueingThenLoggingIn extends RecordingListener {
        @Override
        public CompletionStage<?> onReady(Session session, DirectSender direct) {
            session.send("queued");
            direct.send("login");
            direct.send("subscribe");
            return CompletableFuture.completedFuture(null);
        }
    }
}
