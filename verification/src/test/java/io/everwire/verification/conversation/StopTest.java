package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.SessionEvent;
import io.everwire.StartException;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.SessionStore;
import io.everwire.store.file.FileStore;
import io.everwire.transport.EventLoops;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where one owner of a session ends and the next begins: each message has one handler that returns from it. */
class StopTest {
    private static final Duration LONG = Duration.ofSeconds(Patience.SECONDS);

    @TempDir
    private Path directory;

    @AutoClose
    private final Opened opened = new Opened();

    private final ExecutorService threads = opened.threads(Executors.newCachedThreadPool());
    private final RecordingListener after = new RecordingListener();
    private SessionStore store;

    @BeforeEach
    void openStore() {
        store = opened.add(FileStore.open(directory));
    }

    private EverwireServer.Builder builder() {
        return EverwireServer.builder().sessions(ResumePolicy.DEFAULT, store);
    }

    private static Offer claim(SessionPeer of, long attempt, long next) {
        return SessionPeer.claim(of.hello(), of.secret(), attempt, 0, 1, next);
    }

    private static void closeAnswered(EverwireServer server, SessionPeer peer) throws IOException {
        server.close();
        assertThat(peer.readClose().closeCode()).isEqualTo(1001);
        peer.raw().write(Frame.close(1001, ""));
        peer.cut();
    }

    /** Resumes at a server that starts behind the stop, and sends again what was not committed. */
    private void assertGoesOn(SessionPeer of, int committed, String... rest) throws IOException {
        EverwireServer next = opened.serve(builder().listen("/", after));
        SessionPeer second = opened.add(SessionPeer.open(next.port(), claim(of, 1, committed + rest.length + 1)));
        assertThat(second.hello().status()).isEqualTo(Control.Status.RESUMED);
        assertThat(second.hello().received()).isEqualTo(committed);
        second.ack(0);
        second.send(rest);
        assertThat(after.next(rest.length)).containsExactly(rest);
    }

    @Test
    void awaitsTheHandlerThatRunsAndKeepsTheRestForTheNextOwner() throws Exception {
        CompletableFuture<Void> isHandling = new CompletableFuture<>();
        CompletableFuture<Void> mayReturn = new CompletableFuture<>();
        RecordingListener before = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                super.onMessage(session, message);
                isHandling.complete(null);
                Patience.of(mayReturn);
            }
        };
        RecordingListener idle = new RecordingListener();
        EventLoops one = opened.add(EventLoops.create(1));
        EverwireServer server = opened.serve(builder()
                .eventLoops(one)
                .listen("/", handshake -> before, threads)
                .listen("/idle", idle));
        SessionPeer peer = opened.add(SessionPeer.begin(server.port()));
        SessionPeer other = opened.add(SessionPeer.open(
                RawPeer.dial(server.port()), SessionPeer.request(SessionPeer.newOffer(2), "/idle", List.of())));
        other.ack(0);
        idle.await(SessionEvent.Ready.class);
        peer.send("one", "two", "three");
        Patience.of(isHandling);
        other.cut();
        closeAnswered(server, peer);
        // On the one event loop a session with nothing to wait for ends after all of them were told to.
        idle.await(SessionEvent.Closed.class);
        assertThat(server.stopped().toCompletableFuture()).isNotDone();
        mayReturn.complete(null);
        Patience.of(server.stopped());
        assertThat(before.texts()).containsExactly("one");
        assertThat(before.await(SessionEvent.Closed.class).cause().message()).contains("waits in its store");
        assertGoesOn(peer, 1, "two", "three");
    }

    @Test
    void keepsWhatAPausedApplicationHasNotSeenForTheNextOwner() throws Exception {
        RecordingListener before = new RecordingListener();
        EverwireServer server = opened.serve(builder().listen("/", before));
        SessionPeer peer = opened.add(SessionPeer.begin(server.port()));
        before.await(SessionEvent.Ready.class);
        peer.send("one");
        assertThat(before.next().text()).isEqualTo("one");
        before.session().pause();
        peer.send("two", "three");
        peer.raw().write(Frame.ping("behind them"));
        peer.raw().read(Frame.PONG);
        closeAnswered(server, peer);
        Patience.of(server.stopped());
        before.await(SessionEvent.Closed.class);
        assertThat(before.texts()).containsExactly("one");
        assertGoesOn(peer, 1, "two", "three");
    }

    @Test
    void handsOverWhatWasCommittedBeforeTheHandler() throws Exception {
        RecordingListener before = new RecordingListener();
        ResumePolicy first = ResumePolicy.DEFAULT.withCommitting(ResumePolicy.Committing.BEFORE_HANDLER);
        EverwireServer server =
                opened.serve(EverwireServer.builder().sessions(first, store).listen("/", before));
        SessionPeer peer = opened.add(SessionPeer.begin(server.port()));
        before.await(SessionEvent.Ready.class);
        before.session().pause();
        peer.send("one", "two");
        peer.raw().write(Frame.ping("behind them"));
        peer.raw().read(Frame.PONG);
        closeAnswered(server, peer);
        Patience.of(server.stopped());
        assertThat(before.texts()).as("nobody else would be given it").containsExactly("one", "two");
        assertGoesOn(peer, 2, "three");
    }

    /** An owner that learns by a claim that another one has gone on in between. */
    @Test
    void keepsFromAnApplicationWhatAnotherOwnerWasGiven() throws Exception {
        RecordingListener here = new RecordingListener();
        RecordingListener there = new RecordingListener();
        EverwireServer one = opened.serve(builder().listen("/", here));
        EverwireServer other = opened.serve(builder().listen("/", there));
        SessionPeer first = opened.add(SessionPeer.begin(one.port()));
        here.await(SessionEvent.Ready.class);
        here.session().pause();
        first.send("one", "two");
        first.raw().write(Frame.ping("behind them"));
        first.raw().read(Frame.PONG);
        SessionPeer second = opened.add(SessionPeer.open(other.port(), claim(first, 1, 3)));
        assertThat(second.hello().received()).isZero();
        second.ack(0);
        second.send("one", "two");
        assertThat(there.next(2)).containsExactly("one", "two");
        second.say(new Control.Ask());
        Patience.until(
                "both are committed", () -> second.next(Control.Ack.class).received() == 2 || ask(second));
        SessionPeer third = opened.add(SessionPeer.open(one.port(), claim(first, 2, 3)));
        assertThat(third.hello().received()).isEqualTo(2);
        here.await(SessionEvent.TakenOver.class);
        here.await(SessionEvent.Closed.class);
        assertThat(here.texts()).as("what the other one has handled").isEmpty();
    }

    private static boolean ask(SessionPeer peer) throws IOException {
        peer.say(new Control.Ask());
        return false;
    }

    /** A port that cannot be opened must not end what a client has resumed by way of another one that could. */
    @Test
    void keepsTheSessionsThatAServerHadWhichCouldNotStart() throws Exception {
        EverwireServer before = opened.serve(builder().listen("/", new RecordingListener()));
        int port = before.port();
        SessionPeer first = opened.add(SessionPeer.begin(port));
        closeAnswered(before, first);
        Patience.of(before.stopped());
        CompletableFuture<Long> used = new CompletableFuture<>();
        threads.execute(() -> resumeInVain(first, port, used));
        EventLoops loops = opened.add(EventLoops.create(1));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Patience.until("somebody was quick enough", () -> {
                EverwireServer.Builder builder = builder().eventLoops(loops).bind("127.0.0.1", port);
                for (int i = 0; i < 50; i++) {
                    builder.bind("127.0.0.1", 0);
                }
                assertThatThrownBy(
                                builder.bind("127.0.0.1", taken.getLocalPort()).listen("/", after)::start)
                        .isInstanceOf(StartException.class);
                return used.isDone();
            });
        }
        EverwireServer next = opened.serve(builder().listen("/", after));
        SessionPeer back = opened.add(SessionPeer.open(next.port(), claim(first, Patience.of(used) + 1, 1)));
        assertThat(back.hello().status()).isEqualTo(Control.Status.RESUMED);
    }

    /** Resumes as soon as it is let in, and completes with its last attempt when that has ended. */
    private static void resumeInVain(SessionPeer first, int port, CompletableFuture<Long> used) {
        for (long attempt = 1; !used.isDone(); attempt++) {
            try (SessionPeer peer = SessionPeer.open(port, claim(first, attempt, 1))) {
                if (peer.hello().status() == Control.Status.RESUMED) {
                    peer.readClose();
                    peer.raw().write(Frame.close(1001, ""));
                    used.complete(attempt);
                }
            } catch (IOException | AssertionError e) {
                Thread.onSpinWait();
            }
        }
    }

    // ---- the blocking style ----

    @Test
    void countsAMessageAsHandledWhenTheNextOneIsAskedFor() throws Exception {
        CompletableFuture<Void> mayAsk = new CompletableFuture<>();
        List<String> received = new CopyOnWriteArrayList<>();
        EverwireServer server = opened.serve(builder().handle("/", threads, session -> {
            for (Message message = session.receive(LONG); message != null; message = session.receive(LONG)) {
                received.add(message.text());
                Patience.of(mayAsk);
            }
        }));
        SessionPeer peer = opened.add(SessionPeer.begin(server.port()));
        peer.send("one");
        Patience.until("it is received", () -> received.size() == 1);
        peer.say(new Control.Ask());
        assertThat(peer.next(Control.Ack.class).received()).isZero();
        mayAsk.complete(null);
        assertThat(peer.next(Control.Ack.class).received()).isEqualTo(1);
    }

    @Test
    void handsAMessageToTheNextOwnerThatWasReceivedAndNotFollowed() throws Exception {
        CompletableFuture<Void> mayAsk = new CompletableFuture<>();
        List<String> received = new CopyOnWriteArrayList<>();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        EverwireServer server = opened.serve(builder().handle("/", threads, session -> {
            try {
                for (Message message = session.receive(LONG); message != null; message = session.receive(LONG)) {
                    received.add(message.text());
                    if (received.size() == 2) {
                        Patience.of(mayAsk);
                    }
                }
            } catch (SessionClosedException e) {
                thrown.complete(e);
                throw e;
            }
        }));
        SessionPeer peer = opened.add(SessionPeer.begin(server.port()));
        peer.send("one", "two", "three");
        Patience.until("two are received", () -> received.size() == 2);
        closeAnswered(server, peer);
        // Its handler never returns from the second, and is not waited for for ever.
        Patience.of(server.stopped());
        assertGoesOn(peer, 1, "two", "three");
        mayAsk.complete(null);
        assertThat(Patience.of(thrown)).isInstanceOf(SessionClosedException.class);
        assertThat(received).containsExactly("one", "two");
    }

    @Test
    void awaitsTheReceiverThatIsAtWork() throws Exception {
        CompletableFuture<Void> mayAsk = new CompletableFuture<>();
        CompletableFuture<Void> isAtWork = new CompletableFuture<>();
        EverwireServer server = opened.serve(builder().handle("/", threads, session -> {
            while (session.receive(LONG) != null) {
                isAtWork.complete(null);
                Patience.of(mayAsk);
            }
        }));
        SessionPeer peer = opened.add(SessionPeer.begin(server.port()));
        peer.send("one");
        Patience.of(isAtWork);
        closeAnswered(server, peer);
        mayAsk.complete(null);
        Patience.of(server.stopped());
        assertGoesOn(peer, 1, "two");
    }
}
