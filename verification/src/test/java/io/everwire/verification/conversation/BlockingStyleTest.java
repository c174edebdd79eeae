package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.SendRejectedException;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.server.SessionHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Sessions without a listener: read with {@code receive} or a loop, on threads that may block. */
class BlockingStyleTest {
    private static final Duration LONG = Patience.LIMIT;
    private static final Duration SHORT = Duration.ofMillis(20);

    @AutoClose
    private final Opened opened = new Opened();

    private final ExecutorService threads = opened.threads(Executors.newCachedThreadPool());

    private EverwireServer handle(SessionHandler handler) {
        return opened.serve(EverwireServer.builder().handle("/", threads, handler));
    }

    private Session open(EverwireServer server) {
        return opened.remember(EverwireClient.to(Opened.url(server.port())).open());
    }

    @Test
    void conversesLineByLine() throws Exception {
        Session session = open(handle(peer -> {
            for (Message message : peer) {
                peer.awaitSend(Message.text(message.text() + "!"), LONG);
            }
        }));

        for (String word : List.of("one", "two", "three")) {
            assertThat(Patience.of(session.awaitSend(Message.text(word), LONG))).isEqualTo(Delivery.CONFIRMED);
            assertThat(session.receive(LONG)).isEqualTo(Message.text(word + "!"));
        }
    }

    @Test
    void returnsNullWhenNothingCameInTime() throws Exception {
        assertThat(open(handle(BlockingStyleTest::drain)).receive(SHORT)).isNull();
    }

    @Test
    void givesEveryReceivedMessageBeforeItSaysThatTheSessionIsClosed() throws Exception {
        Session session = open(handle(peer -> {
            peer.send("first");
            peer.send("last");
        }));
        Patience.of(session.closed());

        assertThat(session.receive(LONG)).isEqualTo(Message.text("first"));
        assertThat(session.receive(LONG)).isEqualTo(Message.text("last"));
        assertThatThrownBy(() -> session.receive(LONG))
                .isInstanceOf(SessionClosedException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void endsTheLoopWhenTheSessionIsClosed() {
        Session session = open(handle(peer -> peer.send("only")));

        List<Message> received = new ArrayList<>();
        for (Message message : session) {
            received.add(message);
        }

        assertThat(received).containsExactly(Message.text("only"));
    }

    @Test
    void wakesWhoWaitsWhenTheSessionIsClosed() throws Exception {
        Session session = open(handle(BlockingStyleTest::drain));
        Future<Message> waiting = submit(() -> session.receive(LONG));

        session.close();

        assertThatThrownBy(() -> waiting.get(Patience.SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(SessionClosedException.class);
    }

    @Test
    void refusesToBlockAnEventLoop() {
        CompletableFuture<Throwable> receive = new CompletableFuture<>();
        CompletableFuture<Throwable> send = new CompletableFuture<>();
        CompletableFuture<Throwable> loop = new CompletableFuture<>();
        RecordingListener listener = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                Session pulled = pulled(session);
                complete(receive, () -> pulled.receive(SHORT));
                complete(send, () -> session.awaitSend(message, SHORT));
                complete(loop, () -> pulled.iterator().hasNext());
            }
        };
        EverwireServer server = opened.serve(listener);
        Session pulled = open(handle(BlockingStyleTest::drain));
        Session session = opened.connect(server, new RecordingListener());
        pulls.complete(pulled);
        session.send("go");

        assertThat(List.of(receive, send, loop))
                .extracting(Patience::of)
                .allSatisfy(error -> assertThat(error)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("event loop"));
    }

    private final CompletableFuture<Session> pulls = new CompletableFuture<>();

    private Session pulled(Session fallback) {
        return pulls.getNow(fallback);
    }

    private static void complete(CompletableFuture<Throwable> outcome, Callable<?> call) {
        try {
            outcome.complete(new AssertionError("nothing was thrown but returned: " + call.call()));
        } catch (Exception e) {
            outcome.complete(e);
        }
    }

    @Test
    void saysThatASessionWithAListenerIsNotRead() {
        Session session = opened.connect(handle(BlockingStyleTest::drain), new RecordingListener());

        assertThatThrownBy(() -> session.receive(SHORT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("listener");
    }

    @Test
    void takesNoMessageWhenInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Session session = open(handle(peer -> {
            interrupted.await();
            peer.send("afterwards");
            drain(peer);
        }));
        Future<Message> waiting = submit(() -> {
            Thread.currentThread().interrupt();
            return session.receive(LONG);
        });

        assertThatThrownBy(() -> waiting.get(Patience.SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
        interrupted.countDown();
        assertThat(session.receive(LONG)).isEqualTo(Message.text("afterwards"));
    }

    @Test
    void endsTheLoopAndLeavesTheThreadInterrupted() throws Exception {
        Session session = open(handle(BlockingStyleTest::drain));

        Future<Boolean> ended = threads.submit(() -> {
            Thread.currentThread().interrupt();
            for (Message message : session) {
                throw new AssertionError("received " + message);
            }
            return Thread.currentThread().isInterrupted();
        });

        assertThat(ended.get(Patience.SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void queuesNothingWhenAwaitSendIsInterrupted() throws Exception {
        Session session = opened.remember(new PendingRequest().client().open());

        Future<?> sending = threads.submit(() -> {
            Thread.currentThread().interrupt();
            return session.awaitSend(Message.text("never"), LONG);
        });

        assertThatThrownBy(() -> sending.get(Patience.SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(session.queuedBytes()).isZero();
    }

    @Test
    void waitsForRoomAndSaysWhenThereIsNone() throws Exception {
        PendingRequest pending = new PendingRequest();
        Session session = opened.remember(
                pending.client().limits(Limits.DEFAULT.withQueue(1_000, 2)).open());
        session.send("1");
        session.send("2");

        assertThatThrownBy(() -> session.awaitSend(Message.text("3"), SHORT))
                .isInstanceOf(SendRejectedException.class)
                .hasMessageContaining("20 ms");

        Future<Delivery> waiting = threads.submit(() -> Patience.of(session.awaitSend(Message.text("3"), LONG)));
        pending.supply(handle(BlockingStyleTest::drain).port());
        assertThat(waiting.get(Patience.SECONDS, TimeUnit.SECONDS)).isEqualTo(Delivery.CONFIRMED);
        assertThat(session.rejectedSends()).isEqualTo(1);
    }

    @Test
    void closesNormallyWhenTheHandlerReturns() throws Exception {
        assertThat(closeCodeOf(handle(peer -> {}))).isEqualTo(1000);
    }

    @Test
    void closesWithInternalErrorWhenTheHandlerThrows() throws Exception {
        assertThat(closeCodeOf(handle(peer -> {
                    throw new IllegalStateException("the application is wrong");
                })))
                .isEqualTo(1011);
    }

    @Test
    void closesWithInternalErrorWhenTheHandlerThrowsAnError() throws Exception {
        assertThat(closeCodeOf(handle(peer -> {
                    throw new AssertionError("the application is wrong");
                })))
                .isEqualTo(1011);
    }

    @Test
    void closesWithGoingAwayWhenTheHandlerIsInterrupted() throws Exception {
        assertThat(closeCodeOf(handle(peer -> {
                    throw new InterruptedException();
                })))
                .isEqualTo(1001);
    }

    @Test
    void closesWithTryAgainLaterWhenThereIsNoThread() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .handle(
                        "/",
                        task -> {
                            throw new RejectedExecutionException("no thread left");
                        },
                        BlockingStyleTest::drain));

        assertThat(closeCodeOf(server)).isEqualTo(1013);
    }

    private static int closeCodeOf(EverwireServer server) throws Exception {
        try (RawPeer peer = RawPeer.open(server.port())) {
            return peer.read(Frame.CLOSE).closeCode();
        }
    }

    private static void drain(Session session) {
        for (Message message : session) {
            assertThat(message).isNotNull();
        }
    }

    @SuppressWarnings("NullAway") // Nobody looks at the message.
    private Future<Message> submit(Callable<Message> task) {
        return threads.submit(task);
    }
}
