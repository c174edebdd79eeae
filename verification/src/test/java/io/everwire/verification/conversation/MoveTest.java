package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.everwire.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server asks its clients to go on with another connection, and nobody notices. */
class MoveTest {
    private static final ReconnectPolicy BRISK = ReconnectPolicy.DEFAULT
            .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(10))
            .withBackoff(Backoff.fixed(Duration.ofMillis(50)))
            .withBudgets(10_000, 10_000);

    @TempDir
    private Path directory;

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener server = new RecordingListener();
    private final RecordingListener client = new RecordingListener();

    private EverwireServer serve() {
        return opened.serve(
                EverwireServer.builder().sessions(ResumePolicy.DEFAULT).listen("/", server));
    }

    private Session connect(int port) {
        Session session = opened.connect(
                EverwireClient.to(Opened.url(port)).reconnect(BRISK).sessions(), client);
        client.await(SessionEvent.Ready.class);
        return session;
    }

    private static List<CompletionStage<Delivery>> send(Session from, String name, int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(i -> from.send(name + " " + i))
                .toList();
    }

    private static List<String> numbered(String name, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> name + " " + i).toList();
    }

    private static void assertNeverAway(RecordingListener at) {
        assertThat(at.all(SessionEvent.Suspended.class)).isEmpty();
        assertThat(at.all(SessionEvent.Waiting.class)).isEmpty();
        assertThat(at.all(SessionEvent.SessionLost.class)).isEmpty();
    }

    @Test
    void goesOnWithAnotherConnectionThirtyTimesUnderTraffic() {
        EverwireServer target = serve();
        Session up = connect(target.port());
        Session down = server.session();
        List<CompletionStage<Delivery>> sends = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            sends.addAll(send(up, "up", 10 * i + 1, 10 * i + 10));
            sends.addAll(send(down, "down", 10 * i + 1, 10 * i + 10));
            target.move(Duration.ZERO);
            client.await(SessionEvent.Resumed.class, i + 1);
            server.await(SessionEvent.Resumed.class, i + 1);
            assertThat(up.epoch()).isEqualTo(i + 2);
        }
        sends.forEach(send -> assertThat(Patience.of(send)).isEqualTo(Delivery.CONFIRMED));
        assertThat(server.texts()).isEqualTo(numbered("up", 300));
        assertThat(client.texts()).isEqualTo(numbered("down", 300));
        assertNeverAway(client);
        assertNeverAway(server);
        assertThat(client.all(SessionEvent.Ready.class)).hasSize(1);
        assertThat(client.await(SessionEvent.Resumed.class).outage()).isZero();
        Patience.until("one connection is left", () -> target.connections() == 1);
    }

    /** The store grants the claim before the old connection is told, and takes nothing that its owner writes in between. */
    @Test
    void goesOnOverADurableStoreWhileTheServerSends() throws IOException {
        try (FileStore store = FileStore.open(directory)) {
            EverwireServer target = opened.serve(EverwireServer.builder()
                    .sessions(ResumePolicy.DEFAULT, store)
                    .listen("/", server));
            Session up = connect(target.port());
            Steady steady = opened.add(new Steady(server.session()));
            for (int i = 0; i < 30; i++) {
                target.move(Duration.ZERO);
                client.await(SessionEvent.Resumed.class, i + 1);
            }
            steady.close();
            steady.assertConfirmed();
            assertThat(client.texts()).isEqualTo(numbered("down", steady.count()));
            assertNeverAway(client);
            assertNeverAway(server);
            up.close();
            Patience.of(up.closed());
        }
    }

    /** What the new owner sends, and what the old one had not been told to be received, comes once and in order. */
    @Test
    void goesOnAtAnotherServerWhileThisOneSends() throws IOException {
        try (FileStore store = FileStore.open(directory)) {
            RecordingListener elsewhere = new RecordingListener();
            EverwireServer first = opened.serve(EverwireServer.builder()
                    .sessions(ResumePolicy.DEFAULT, store)
                    .listen("/", server));
            EverwireServer second = opened.serve(EverwireServer.builder()
                    .sessions(ResumePolicy.DEFAULT, store)
                    .listen("/", elsewhere));
            Session up = connect(first.port());
            Steady steady = opened.add(new Steady(server.session()));
            CompletionStage<Void> stopped = first.drain(Duration.ofMillis(100), Opened.url(second.port()));
            client.await(SessionEvent.Resumed.class);
            steady.close();
            elsewhere.session().send("from elsewhere");
            Patience.until("the new owner is heard", () -> client.texts().contains("from elsewhere"));
            List<String> texts = client.texts();
            assertThat(texts.subList(0, texts.size() - 1)).isEqualTo(numbered("down", texts.size() - 1));
            assertNeverAway(client);
            Patience.of(stopped);
            assertThat(up.state()).isEqualTo(SessionState.OPEN);
            up.close();
            Patience.of(up.closed());
            second.close();
            Patience.of(second.stopped());
        }
    }

    /** Sends about one message in a millisecond until it is closed. */
    private static final class Steady implements AutoCloseable {
        private static final int MOST_QUEUED = 32 << 10;

        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        private final List<CompletionStage<Delivery>> sends = new ArrayList<>();

        Steady(Session from) {
            clock.scheduleAtFixedRate(() -> sendInto(from), 0, 1, TimeUnit.MILLISECONDS);
        }

        /** Holds back while the queue fills: a slow disk is not what is tested. */
        private void sendInto(Session to) {
            if (to.queuedBytes() < MOST_QUEUED) {
                sends.add(to.send("down " + (sends.size() + 1)));
            }
        }

        int count() {
            return sends.size();
        }

        void assertConfirmed() {
            sends.forEach(send -> assertThat(Patience.of(send)).isEqualTo(Delivery.CONFIRMED));
        }

        @Override
        public void close() {
            clock.shutdown();
            try {
                assertThat(clock.awaitTermination(Patience.SECONDS, TimeUnit.SECONDS))
                        .isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("the test was interrupted", e);
            }
        }
    }

    @Test
    void goesOnAtAnotherServerThatSharesTheStore() throws IOException {
        try (FileStore store = FileStore.open(directory)) {
            RecordingListener elsewhere = new RecordingListener();
            EverwireServer first = opened.serve(EverwireServer.builder()
                    .sessions(ResumePolicy.DEFAULT, store)
                    .listen("/", server));
            EverwireServer second = opened.serve(EverwireServer.builder()
                    .sessions(ResumePolicy.DEFAULT, store)
                    .listen("/", elsewhere));
            Session up = connect(first.port());
            List<CompletionStage<Delivery>> sends = new ArrayList<>(send(up, "up", 1, 100));
            CompletionStage<Void> stopped = first.drain(Duration.ofSeconds(2), Opened.url(second.port()));
            client.await(SessionEvent.Resumed.class);
            sends.addAll(send(up, "up", 101, 200));
            sends.forEach(send -> assertThat(Patience.of(send)).isEqualTo(Delivery.CONFIRMED));
            Patience.of(stopped);
            // What the first had handled and could not commit any more is handed over again, and nothing is left out.
            int before = server.texts().size();
            int again = before + elsewhere.texts().size() - 200;
            assertThat(again).isBetween(0, before);
            assertThat(server.texts()).isEqualTo(numbered("up", before));
            assertThat(elsewhere.texts()).isEqualTo(numbered("up", 200).subList(before - again, 200));
            assertNeverAway(client);
            assertThat(up.state()).isEqualTo(SessionState.OPEN);
            up.close();
            Patience.of(up.closed());
            second.close();
            Patience.of(second.stopped());
        }
    }

    /** A move is told as resumed, once; what a second move begins, where nobody knows the session, is told from its beginning. */
    @Test
    void leavesNothingForTheSessionBehindIt() {
        EverwireServer target = serve();
        EverwireServer stranger = opened.serve(
                EverwireServer.builder().sessions(ResumePolicy.DEFAULT).listen("/", new RecordingListener()));
        connect(target.port());
        target.move(Duration.ZERO);
        client.await(SessionEvent.Resumed.class);
        target.move(Duration.ZERO, Opened.url(stranger.port()));
        client.await(SessionEvent.SessionLost.class);
        client.await(SessionEvent.Ready.class, 2);
        assertThat(client.all(SessionEvent.Resumed.class)).hasSize(1);
    }

    /** There is nobody where it is sent, which it notices before it has given anything up. */
    @Test
    void staysWhereItIsWhenThereIsNobodyElsewhere() throws IOException {
        EverwireServer target = serve();
        Session up = connect(target.port());
        RawServer gone = new RawServer((peer, number) -> {});
        gone.close();
        target.move(Duration.ZERO, gone.url());
        assertThat(Patience.of(up.send("still here"))).isEqualTo(Delivery.CONFIRMED);
        // The first word of these may find it still on its way to nobody, and is not heard then.
        Patience.until("it goes on where it was", () -> {
            target.move(Duration.ZERO);
            return !client.all(SessionEvent.Resumed.class).isEmpty();
        });
        assertThat(Patience.of(up.send("and here"))).isEqualTo(Delivery.CONFIRMED);
        assertNeverAway(client);
    }

    /** Its request was written, so the old connection counts no more: that is an outage like every other. */
    @Test
    void comesBackWhenTheNewConnectionFailsBehindItsOffer() {
        EverwireServer target = serve();
        EverwireServer draining = opened.serve(
                EverwireServer.builder().sessions(ResumePolicy.DEFAULT).listen("/", new RecordingListener()));
        RecordingListener resident = new RecordingListener();
        opened.connect(EverwireClient.to(Opened.url(draining.port())), resident);
        resident.await(SessionEvent.Ready.class);
        Session up = connect(target.port());
        draining.drain(Duration.ofMinutes(1));
        target.move(Duration.ZERO, Opened.url(draining.port()));
        client.await(SessionEvent.Suspended.class);
        client.await(SessionEvent.Resumed.class);
        assertThat(Patience.of(up.send("back"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(client.all(SessionEvent.SessionLost.class)).isEmpty();
    }

    @Test
    void isGivenUpWhenItsConnectionIsLost() throws IOException {
        EverwireServer target = serve();
        Tap tap = opened.add(new Tap(target.port()));
        Session up = connect(tap.port());
        CompletableFuture<Void> isAsked = new CompletableFuture<>();
        CompletableFuture<Boolean> isHungUp = new CompletableFuture<>();
        RawServer silent = opened.add(new RawServer((peer, number) -> {
            peer.readHead();
            isAsked.complete(null);
            isHungUp.complete(peer.socket().getInputStream().read() < 0);
        }));
        target.move(Duration.ZERO, silent.url());
        Patience.of(isAsked);
        tap.cut();
        client.await(SessionEvent.Suspended.class);
        assertThat(Patience.of(isHungUp)).as("the move was given up").isTrue();
        client.await(SessionEvent.Resumed.class);
        assertThat(Patience.of(up.send("back"))).isEqualTo(Delivery.CONFIRMED);
    }

    @Test
    void asksAClientAsTheProtocolSays() throws IOException {
        EverwireServer target = serve();
        try (SessionPeer peer = SessionPeer.begin(target.port());
                RawPeer plain = RawPeer.open(target.port())) {
            server.await(SessionEvent.Ready.class, 2);
            target.move(Duration.ofSeconds(3), "wss://example.com/\u00e4");
            assertThat(peer.next(Control.Move.class)).isEqualTo(new Control.Move(0, 3_000, "wss://example.com/\u00e4"));
            plain.write(Frame.text("left alone"));
            assertThat(server.next().text()).isEqualTo("left alone");
        }
    }

    @Test
    void asksNothingThatCannotBeSaid() {
        EverwireServer target = serve();
        assertThatThrownBy(() -> target.move(Duration.ofDays(25))).hasMessageContaining("longer than 24 days");
        assertThatThrownBy(() -> target.move(Duration.ofMillis(-1))).hasMessageContaining("negative");
        assertThatThrownBy(() -> target.drain(Duration.ZERO, "http://example.com/"))
                .hasMessageContaining("ws:// or wss://");
        assertThatThrownBy(() -> target.move(Duration.ZERO, "ws://" + "x".repeat(4_000)))
                .hasMessageContaining("3072");
    }
}
