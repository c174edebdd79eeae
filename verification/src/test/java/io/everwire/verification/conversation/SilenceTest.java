package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.Failure;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.Message;
import io.everwire.PingWhen;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who is hung up on for being silent, and who is not. */
class SilenceTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final LivenessPolicy HASTY = LivenessPolicy.DEFAULT.withPing(SHORT, SHORT);

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();
    private final RecordingListener client = new RecordingListener();

    private EverwireServer serve(LivenessPolicy policy) {
        return opened.serve(EverwireServer.builder().liveness(policy).listen("/", echo));
    }

    @Test
    void hangsUpOnASilentPeerWithAReset() throws Exception {
        try (RawPeer peer = RawPeer.open(serve(HASTY).port())) {
            assertThat(peer.read().opcode()).isEqualTo(Frame.PING);
            assertThat(peer.readOrEnd())
                    .as("no closing handshake with the dead")
                    .isNull();
        }
        SessionEvent.Dead dead = echo.await(SessionEvent.Dead.class);
        assertThat(dead.reason()).isEqualTo("ping-timeout");
        assertThat(dead.message()).contains("no bytes").contains("200 ms");
        assertThat(dead.silence()).isGreaterThanOrEqualTo(SHORT);
        SessionEvent.Closed closed = echo.await(SessionEvent.Closed.class);
        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.PEER_DEAD);
        assertThat(closed.status().code()).isEqualTo(CloseCode.ABNORMAL);
        assertThat(closed.isClean()).isFalse();
        assertThat(echo.all(SessionEvent.Suspect.class)).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void leavesAPeerAloneThatAnswersPings() throws Exception {
        try (RawPeer peer = RawPeer.open(serve(HASTY).port())) {
            for (int i = 0; i < 6; i++) {
                Frame ping = peer.read();
                assertThat(ping.opcode()).isEqualTo(Frame.PING);
                assertThat(ping.payload()).hasSize(16);
                peer.write(Frame.pongTo(ping));
            }
            peer.write(Frame.text("alive"));
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo("alive");
        }
        assertThat(echo.all(SessionEvent.Dead.class)).isEmpty();
    }

    @Test
    void leavesPeersAloneWhoseBytesLieUnreadThoughThereAreMoreThanItReadsAtOnce() throws Exception {
        Duration interval = Duration.ofSeconds(1);
        Duration timeout = Duration.ofSeconds(3);
        Holding holding = new Holding();
        EverwireServer server = opened.serve(EverwireServer.builder()
                .eventLoops(opened.add(EventLoops.create(1)))
                .liveness(LivenessPolicy.DEFAULT.withPing(interval, timeout))
                .listen("/", holding));
        List<RawPeer> peers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            peers.add(opened.add(RawPeer.open(server.port())));
            if (i % 50 == 49) {
                writeAll(peers, "here");
            }
        }
        RawPeer holder = opened.add(RawPeer.open(server.port()));
        // The first stall uses up the grace of all, whose pings were due in it.
        holding.stand(holder, interval.plus(SHORT), () -> {});
        assertThat(holder.read().opcode()).isEqualTo(Frame.PING);
        // In the second one all answer, and are not heard until their time is over.
        holding.stand(holder, timeout.plus(SHORT), () -> writeAll(peers, "alive"));
        for (RawPeer peer : peers) {
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo("alive");
        }
        assertThat(holding.all(SessionEvent.Dead.class)).isEmpty();
    }

    private static void writeAll(List<RawPeer> peers, String text) throws java.io.IOException {
        for (RawPeer peer : peers) {
            peer.write(Frame.text(text));
        }
    }

    /** Sends messages back, and lets its event loop stand still when it is told to. */
    private static final class Holding extends RecordingListener {
        private static final String HOLD = "hold";
        private final Semaphore standing = new Semaphore(0);
        private final Semaphore going = new Semaphore(0);

        @Override
        public void onMessage(Session session, Message message) {
            if (message.text().equals(HOLD)) {
                standing.release();
                going.acquireUninterruptibly();
            } else if (!message.text().equals("here")) {
                session.trySend(message);
            }
        }

        /** Stands still for so long at least, and until something was done meanwhile. */
        void stand(RawPeer holder, Duration time, Meanwhile meanwhile) throws Exception {
            holder.write(Frame.text(HOLD));
            assertThat(standing.tryAcquire(Patience.SECONDS, TimeUnit.SECONDS)).isTrue();
            long begun = System.nanoTime();
            meanwhile.run();
            Patience.until("it has stood for long enough", () -> System.nanoTime() - begun > time.toNanos());
            going.release();
        }

        interface Meanwhile {
            void run() throws Exception;
        }
    }

    @Test
    void learnsTheRoundTripFromPongs() throws Exception {
        try (RawPeer peer = RawPeer.open(serve(HASTY).port())) {
            peer.write(Frame.pongTo(peer.read()));
            Patience.until("a pong was counted", () -> report(echo.session()).pingsAnswered() >= 1);
        }
        assertThat(report(echo.session()).smoothedRoundTrip()).isPositive();
    }

    @Test
    void takesNoStrangePongForAnAnswer() throws Exception {
        try (RawPeer peer =
                RawPeer.open(serve(HASTY.withValidity(Duration.ofSeconds(1))).port())) {
            for (Frame frame = peer.readOrEnd(); frame != null; frame = peer.readOrEnd()) {
                peer.write(new Frame(true, Frame.PONG, new byte[16]), new Frame(true, Frame.PONG, new byte[0]));
            }
        } catch (java.net.SocketException e) {
            // The reset came while we wrote.
            assertThat(e).hasMessageMatching(".*(pipe|reset).*");
        }
        assertThat(echo.await(SessionEvent.Dead.class).reason()).isEqualTo("no-pong");
        assertThat(report(echo.session()).pingsAnswered()).isZero();
    }

    @Test
    void leavesAPeerAloneWhoseLargeFrameTricklesIn() throws Exception {
        EverwireServer server = serve(HASTY.withPingWhen(PingWhen.ALWAYS));
        try (RawPeer peer = RawPeer.open(server.port())) {
            byte[] frame = peer.bytes(Frame.binary(300));
            echo.await(SessionEvent.Ready.class);
            // A byte for each ping of the server: it is heard all the while, though no pong can come between.
            peer.write(Arrays.copyOf(frame, frame.length - 10));
            for (int i = frame.length - 10; i < frame.length; i++) {
                assertThat(peer.read().opcode()).isEqualTo(Frame.PING);
                peer.write(new byte[] {frame[i]});
            }
            assertThat(peer.read(Frame.BINARY).payload()).hasSize(300);
        }
        assertThat(echo.all(SessionEvent.Dead.class)).isEmpty();
    }

    @DisplayName("CTL-03: a flood of pings")
    @Test
    void failsAPeerThatFloodsItWithPings() throws Exception {
        try (RawPeer peer = RawPeer.open(opened.serve(echo).port())) {
            CountDownLatch closed = new CountDownLatch(1);
            Thread flood = new Thread(() -> flood(peer, closed), "flood");
            flood.start();
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(CloseCode.POLICY_VIOLATION);
            closed.countDown();
            flood.join(TimeUnit.SECONDS.toMillis(Patience.SECONDS));
        }
        assertThat(echo.await(SessionEvent.Closed.class).status().code()).isEqualTo(CloseCode.POLICY_VIOLATION);
    }

    private static void flood(RawPeer peer, CountDownLatch closed) {
        try {
            for (int i = 0; i < 5_000 && closed.getCount() > 0; i++) {
                peer.write(Frame.ping("flood"));
            }
        } catch (java.io.IOException e) {
            // Hung up on, as it deserves.
            return;
        }
    }

    @Test
    void answersABurstOfPings() throws Exception {
        try (RawPeer peer = RawPeer.open(opened.serve(echo).port())) {
            for (int i = 0; i < 900; i++) {
                peer.write(Frame.ping("burst " + i));
            }
            for (int i = 0; i < 900; i++) {
                assertThat(peer.read(Frame.PONG).text()).isEqualTo("burst " + i);
            }
        }
    }

    @DisplayName("CTL-02: pings from a peer that never reads")
    @Test
    void keepsNoMoreThanOnePongForAPeerThatPingsAndNeverReads() throws Exception {
        EverwireServer server = serve(HASTY);
        try (RawPeer peer = RawPeer.dial(server.port(), 1_024)) {
            peer.write(RawPeer.REQUEST);
            echo.await(SessionEvent.Ready.class);
            Session session = echo.session();
            while (session.trySend(Message.binary(new byte[50_000]))) {
                assertThat(session.queuedBytes()).isLessThanOrEqualTo(1 << 20);
            }
            long before = session.queuedBytes();
            for (int i = 0; i < 500; i++) {
                peer.write(new Frame(true, Frame.PING, new byte[125]));
            }
            assertThat(session.queuedBytes()).isLessThanOrEqualTo(before);
        }
        echo.await(SessionEvent.Closed.class);
    }

    @Test
    void hangsUpOnAPeerThatNeitherReadsNorWritesThoughItsOwnQueueIsFull() throws Exception {
        EverwireServer server = serve(HASTY);
        try (RawPeer peer = RawPeer.dial(server.port(), 1_024)) {
            peer.write(RawPeer.REQUEST);
            echo.await(SessionEvent.Ready.class);
            Session session = echo.session();
            while (session.trySend(Message.binary(new byte[50_000]))) {
                assertThat(session.queuedBytes()).isLessThanOrEqualTo(1 << 20);
            }

            SessionEvent.Dead dead = echo.await(SessionEvent.Dead.class);
            assertThat(dead.reason()).isEqualTo("ping-timeout");
            assertThat(dead.silence()).isLessThan(Duration.ofSeconds(10));
        }
        echo.await(SessionEvent.Closed.class);
        assertThat(echo.session().queuedBytes()).isZero();
    }

    @DisplayName("BP-02: a write that is stuck")
    @Test
    void failsAStuckWriteThoughThePeerGoesOnTalking() throws Exception {
        LivenessPolicy patient = LivenessPolicy.DEFAULT.withValidity(null);
        Limits limits = Limits.DEFAULT.withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(2), SHORT);
        EverwireServer server = opened.serve(
                EverwireServer.builder().liveness(patient).limits(limits).listen("/", echo));
        try (RawPeer peer = RawPeer.dial(server.port(), 1_024)) {
            peer.write(RawPeer.REQUEST);
            echo.await(SessionEvent.Ready.class);
            Session session = echo.session();
            while (session.trySend(Message.binary(new byte[50_000]))) {
                peer.write(Frame.ping("I am here"));
            }

            assertThat(echo.await(SessionEvent.Dead.class).reason()).isEqualTo("write-timeout");
            assertThat(echo.await(SessionEvent.Closed.class).cause().kind()).isEqualTo(Failure.Kind.WRITE_TIMEOUT);
        }
    }

    @Test
    void watchesForTrafficAsAClientThatSendsNoPings() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            for (Frame frame = peer.readOrEnd(); frame != null; frame = peer.readOrEnd()) {
                assertThat(frame.opcode())
                        .as("a client without pings sends none")
                        .isNotEqualTo(Frame.PING);
            }
        }));
        LivenessPolicy watching =
                new LivenessPolicy(null, 0, Duration.ofSeconds(2), PingWhen.SILENT, Duration.ofMillis(300), null);
        Session session = opened.connect(
                EverwireClient.to(server.url()).liveness(watching).reconnect(ReconnectPolicy.never()), client);

        assertThat(Patience.of(session.closed()).cause().kind()).isEqualTo(Failure.Kind.PEER_DEAD);
        SessionEvent.Dead dead = client.await(SessionEvent.Dead.class);
        assertThat(dead.reason()).isEqualTo("no-traffic");
        assertThat(report(session).pingsSent()).isZero();
    }

    @Test
    void isContentWithPingsAsAClientThatSendsNone() {
        EverwireServer server = serve(HASTY.withPingWhen(PingWhen.ALWAYS));
        LivenessPolicy watching =
                new LivenessPolicy(null, 0, Duration.ofSeconds(2), PingWhen.SILENT, Duration.ofSeconds(1), null);
        Session session =
                opened.connect(EverwireClient.to(Opened.url(server.port())).liveness(watching), client);

        Patience.until("the server has pinged on", () -> report(echo.session()).pingsAnswered() >= 10);
        assertThat(client.all(SessionEvent.Dead.class)).isEmpty();
        assertThat(session.epoch()).isEqualTo(1);
    }

    private static LivenessReport report(Session session) {
        LivenessReport report = session.liveness();
        if (report == null) {
            throw new AssertionError("a session that was open has a report");
        }
        return report;
    }
}
