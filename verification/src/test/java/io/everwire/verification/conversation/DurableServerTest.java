package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.SessionStore;
import io.everwire.store.file.FileStore;
import io.everwire.transport.EventLoops;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose sessions outlive it, in a store that somebody else may open next. */
class DurableServerTest {
    @TempDir
    private Path directory;

    @AutoClose
    private final Opened opened = new Opened();

    /** Answers for the store: with what is asked of it, and what the store answered. */
    private interface Between {
        Object answer(String method, Object answered);
    }

    private static SessionStore between(SessionStore store, Between between) {
        return (SessionStore) Proxy.newProxyInstance(
                SessionStore.class.getClassLoader(),
                new Class<?>[] {SessionStore.class},
                (proxy, method, arguments) -> {
                    try {
                        return between.answer(method.getName(), method.invoke(store, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private EverwireServer serve(SessionStore store, SessionListener listener) {
        return opened.serve(
                EverwireServer.builder().sessions(ResumePolicy.DEFAULT, store).listen("/", listener));
    }

    private static Offer claim(SessionPeer of, long attempt, long received, long first, long next) {
        return SessionPeer.claim(of.hello(), of.secret(), attempt, received, first, next);
    }

    @Test
    void goesOnWithASessionOfTheServerBefore() throws IOException {
        RecordingListener before = new RecordingListener();
        CompletionStage<?> unanswered;
        SessionPeer first;
        try (FileStore store = FileStore.open(directory)) {
            EverwireServer server = serve(store, before);
            first = opened.add(SessionPeer.begin(server.port()));
            before.await(SessionEvent.Ready.class);
            first.send("one", "two");
            assertThat(before.next(2)).containsExactly("one", "two");
            before.session().trySend(Message.text("a"));
            unanswered = before.session().send("b");
            assertThat(first.next(2)).containsExactly("a", "b");
            server.close();
            Frame close = first.readClose();
            assertThat(close.closeCode()).isEqualTo(1001);
            first.raw().write(Frame.close(1001, ""));
            first.cut();
            Patience.of(server.stopped());
        }
        assertThat(before.await(SessionEvent.Closed.class).cause().message()).contains("waits in its store");
        assertThat(before.all(SessionEvent.SessionLost.class)).isEmpty();
        assertThat(Patience.of(unanswered)).hasToString("UNKNOWN(the server stops; the session waits in its store)");

        AtomicInteger prepared = new AtomicInteger();
        RecordingListener after = new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                prepared.incrementAndGet();
                return super.onReady(session, direct);
            }
        };
        try (FileStore store = FileStore.open(directory)) {
            EverwireServer server = serve(store, after);
            try (SessionPeer second = SessionPeer.open(server.port(), claim(first, 1, 1, 1, 4))) {
                assertThat(second.hello().status()).isEqualTo(Control.Status.RESUMED);
                assertThat(second.hello().received()).isEqualTo(2);
                assertThat(second.next()).isEqualTo("b");
                second.ack(2);
                second.send("three");
                assertThat(after.next().text()).isEqualTo("three");
                after.await(SessionEvent.Resumed.class);
                after.await(SessionEvent.Ready.class);
                assertThat(after.all(SessionEvent.Open.class)).isEmpty();
                assertThat(prepared).as("this process has prepared it once").hasValue(1);
                assertThat(after.session().sessionId())
                        .isEqualTo(first.hello().sid().toString());
            }
            server.close();
            Patience.of(server.stopped());
        }
    }

    @Test
    void warnsOnceOfAJournalThatIsMissingBesideItsKey() throws IOException {
        FileStore.open(directory).close();
        try (Logged log = Logged.listen()) {
            FileStore.open(directory).close();
            assertThat(log.ours()).isEmpty();
            Files.delete(directory.resolve("journal"));
            FileStore.open(directory).close();
            FileStore.open(directory).close();
            assertThat(log.ours())
                    .singleElement()
                    .asString()
                    .contains("WARN", directory.resolve("journal") + " is missing beside its key", "put it back");
        }
    }

    @Test
    void awaitsTheCommitThatIsUnderWayWhenItStops() throws IOException {
        CompletableFuture<Void> mayCommit = new CompletableFuture<>();
        CompletableFuture<Void> isAsked = new CompletableFuture<>();
        RecordingListener listener = new RecordingListener();
        try (FileStore store = FileStore.open(directory)) {
            EverwireServer server = serve(
                    between(store, (method, answered) -> {
                        if (!method.equals("commit")) {
                            return answered;
                        }
                        isAsked.complete(null);
                        return ((CompletionStage<?>) answered).thenCombine(mayCommit, (done, now) -> done);
                    }),
                    listener);
            try (SessionPeer peer = SessionPeer.begin(server.port())) {
                peer.send("one");
                listener.next();
                Patience.of(isAsked);
                peer.cut();
                listener.await(SessionEvent.Suspended.class);
                server.close();
                // A second later than the sessions are ended, and before patience is over.
                Patience.until("nobody is let in", () -> server.sessions().size() == 1 && isRefused(server));
                assertThat(server.stopped().toCompletableFuture()).isNotDone();
                assertThat(listener.all(SessionEvent.Closed.class)).isEmpty();
                mayCommit.complete(null);
                Patience.of(server.stopped());
                listener.await(SessionEvent.Closed.class);
            }
        }
    }

    private static boolean isRefused(EverwireServer server) {
        try (RawPeer late = RawPeer.dial(server.port())) {
            return late.socket().isClosed();
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void tellsAClientToComeBackWhenTheStoreFails() throws IOException {
        RecordingListener listener = new RecordingListener();
        AtomicInteger failures = new AtomicInteger(1);
        try (FileStore store = FileStore.open(directory)) {
            EverwireServer server = serve(
                    between(
                            store,
                            (method, answered) -> method.equals("create") && failures.getAndDecrement() > 0
                                    ? CompletableFuture.failedStage(new IOException("no space left"))
                                    : answered),
                    listener);
            try (SessionPeer peer = SessionPeer.open(server.port(), SessionPeer.newOffer(1))) {
                assertThat(peer.head()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("\r\nretry-after: ");
            }
            try (SessionPeer peer = SessionPeer.open(server.port(), SessionPeer.newOffer(1))) {
                assertThat(peer.hello().status()).isEqualTo(Control.Status.NEW);
            }
            server.close();
            Patience.of(server.stopped());
        }
    }

    @Test
    void repeatsAWriteOfWhichNobodyKnowsWhetherItHappened() throws IOException {
        RecordingListener listener = new RecordingListener();
        AtomicInteger failures = new AtomicInteger(2);
        try (FileStore store = FileStore.open(directory)) {
            EverwireServer server = serve(
                    between(
                            store,
                            (method, answered) -> method.equals("append") && failures.getAndDecrement() > 0
                                    ? CompletableFuture.failedStage(new IOException("timed out"))
                                    : answered),
                    listener);
            try (SessionPeer peer = SessionPeer.begin(server.port())) {
                listener.await(SessionEvent.Ready.class);
                for (int i = 0; i < 5; i++) {
                    listener.session().trySend(Message.text("message " + i));
                }
                for (int i = 0; i < 5; i++) {
                    assertThat(peer.next()).isEqualTo("message " + i);
                }
            }
            server.close();
            Patience.of(server.stopped());
        }
    }

    /** The store knows of a claim: what waits for the handler is handed over when that has turned out to be for here. */
    @Test
    void holdsBackWhatWaitsWhileSomebodyElseMayHaveTheSession() throws Exception {
        CompletableFuture<Void> mayClaim = new CompletableFuture<>();
        CompletableFuture<Void> isAsked = new CompletableFuture<>();
        CountDownLatch mayReturn = new CountDownLatch(1);
        ExecutorService executor = opened.threads(Executors.newSingleThreadExecutor());
        RecordingListener listener = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                super.onMessage(session, message);
                try {
                    mayReturn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (FileStore store = FileStore.open(directory)) {
            SessionStore slow = between(store, (method, answered) -> {
                if (!method.equals("claim")) {
                    return answered;
                }
                isAsked.complete(null);
                return ((CompletionStage<?>) answered).thenCombine(mayClaim, (claimed, now) -> claimed);
            });
            EverwireServer server = opened.serve(EverwireServer.builder()
                    .sessions(ResumePolicy.DEFAULT, slow)
                    .listen("/", handshake -> listener, executor));
            SessionPeer first = opened.add(SessionPeer.begin(server.port()));
            listener.await(SessionEvent.Ready.class);
            first.send("one", "two");
            assertThat(listener.next().text()).isEqualTo("one");
            // Its answer says that "two" has come, too.
            first.raw().write(Frame.ping("both"));
            first.raw().read(Frame.PONG);
            try (RawPeer second = RawPeer.dial(server.port())) {
                second.write(SessionPeer.request(claim(first, 1, 0, 1, 3), "/", List.of()));
                Patience.of(isAsked);
                listener.session().trySend(Message.text("too late"));
                assertThat(first.readClose().closeCode()).isEqualTo(1012);
                mayReturn.countDown();
                executor.submit(() -> {}).get();
                assertThat(listener.texts()).containsExactly("one");
                mayClaim.complete(null);
                assertThat(listener.next().text()).isEqualTo("two");
            }
            server.close();
            Patience.of(server.stopped());
        }
    }

    /** What the engine has said to a client that is gone waits for nobody, and the event loop with it for the next event. */
    @Test
    void restsWhenAClientIsGoneBeforeItsClaimIsGranted() throws IOException {
        CompletableFuture<Void> mayClaim = new CompletableFuture<>();
        CompletableFuture<Void> isAsked = new CompletableFuture<>();
        RecordingListener listener = new RecordingListener();
        EventLoops loops = opened.add(EventLoops.create(1));
        try (FileStore store = FileStore.open(directory)) {
            SessionStore slow = between(store, (method, answered) -> {
                if (!method.equals("claim")) {
                    return answered;
                }
                isAsked.complete(null);
                return ((CompletionStage<?>) answered).thenCombine(mayClaim, (claimed, now) -> claimed);
            });
            EverwireServer server = opened.serve(EverwireServer.builder()
                    .eventLoops(loops)
                    .sessions(ResumePolicy.DEFAULT, slow)
                    .listen("/", listener));
            SessionPeer first = SessionPeer.begin(server.port());
            listener.await(SessionEvent.Ready.class);
            first.cut();
            listener.await(SessionEvent.Suspended.class);
            try (RawPeer second = RawPeer.dial(server.port())) {
                second.write(SessionPeer.request(claim(first, 1, 0, 1, 1), "/", List.of()));
                Patience.of(isAsked);
                // A reset: behind a mere end of what it sends a client may still be read to.
                second.socket().setSoLinger(true, 0);
            }
            // The event loop hears of the end before it hears of whoever comes after it.
            try (RawPeer third = RawPeer.open(server.port())) {
                assertThat(third.socket().isConnected()).isTrue();
                mayClaim.complete(null);
                Patience.until("nothing is to be done", () -> isIdle(loops.next()));
            }
            try (SessionPeer fourth = SessionPeer.open(server.port(), claim(first, 2, 0, 1, 1))) {
                assertThat(fourth.hello().status()).isEqualTo(Control.Status.RESUMED);
            }
            server.close();
            Patience.of(server.stopped());
        }
    }

    /** Tells whether nothing waits behind a task that was given last. */
    private static boolean isIdle(EventLoop loop) {
        CompletableFuture<Boolean> isIdle = new CompletableFuture<>();
        loop.execute(() -> isIdle.complete(((SingleThreadEventExecutor) loop).pendingTasks() == 0));
        return Patience.of(isIdle);
    }

    /** Two nodes over one store: the one that the client has come to goes on, and the other one lets it go. */
    @Test
    void handsASessionOverToAnotherNode() throws IOException {
        RecordingListener here = new RecordingListener();
        RecordingListener there = new RecordingListener();
        try (FileStore store = FileStore.open(directory)) {
            EverwireServer one = serve(store, here);
            EverwireServer other = serve(store, there);
            SessionPeer first = opened.add(SessionPeer.begin(one.port()));
            here.await(SessionEvent.Ready.class);
            first.send("one");
            here.next();
            first.say(new Control.Ask());
            while (first.next(Control.Ack.class).received() < 1) {
                first.say(new Control.Ask());
            }
            try (SessionPeer second = SessionPeer.open(other.port(), claim(first, 1, 0, 1, 2))) {
                assertThat(second.hello().status()).isEqualTo(Control.Status.RESUMED);
                second.ack(0);
                second.send("two");
                assertThat(there.next().text()).isEqualTo("two");
                // Whatever the old owner tries to store is void, and tells it.
                here.session().trySend(Message.text("too late"));
                assertThat(first.readClose().closeCode()).isEqualTo(1012);
            }
            one.close();
            other.close();
            Patience.of(one.stopped());
            Patience.of(other.stopped());
        }
    }
}
