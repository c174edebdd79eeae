package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import io.everwire.server.Group;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RecordingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who sends faster than is handled, and who never reads: bounded memory, a verdict, and nobody else suffers. */
class NeverReadingPeersTest {
    private static final int FRAME_BYTES = 8_000;

    @AutoClose
    private final Opened opened = new Opened();

    private final Group group = new Group();

    /** A handler that is stuck until it is let go, and then counts. */
    private static final class Stuck implements SessionListener {
        private final CountDownLatch letGo = new CountDownLatch(1);
        private final AtomicLong handled = new AtomicLong();
        private volatile boolean isInOrder = true;

        @Override
        public void onMessage(Session session, Message message) {
            try {
                letGo.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            isInOrder &= message.bytes().getLong() == handled.getAndIncrement();
        }
    }

    @DisplayName("BP-01: a flood against a handler that is stuck")
    @Test
    void closesTheWindowOfWhoeverFloodsASlowHandlerAndLosesNothing() throws Exception {
        Stuck stuck = new Stuck();
        ExecutorService threads = opened.threads(Executors.newSingleThreadExecutor());
        EverwireServer server = opened.serve(EverwireServer.builder().listen("/", handshake -> stuck, threads));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        try (SocketChannel peer = SocketChannel.open(address)) {
            peer.write(ByteBuffer.wrap(RawPeer.REQUEST.getBytes(StandardCharsets.US_ASCII)));
            peer.read(ByteBuffer.allocate(1_000));
            peer.configureBlocking(false);
            long sent = floodUntilStuck(peer);
            assertThat(sent * FRAME_BYTES)
                    .as("bytes taken of a gigabyte: the read-ahead and what two kernels hold")
                    .isLessThan(64L << 20);
            assertThat(stuck.handled.get()).isZero();

            stuck.letGo.countDown();
            Patience.until("everything sent was handled", () -> stuck.handled.get() >= sent);
            assertThat(stuck.isInOrder).isTrue();
        }
    }

    /** Writes numbered messages until the window has been closed for half a second; returns how many were written whole. */
    private static long floodUntilStuck(SocketChannel peer) throws IOException {
        long number = 0;
        ByteBuffer frame = frame(number);
        long lastProgress = System.nanoTime();
        while (number * FRAME_BYTES < 1L << 30) {
            if (peer.write(frame) > 0) {
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > TimeUnit.MILLISECONDS.toNanos(500)) {
                return number;
            } else {
                Thread.onSpinWait();
            }
            if (!frame.hasRemaining()) {
                number++;
                frame = frame(number);
            }
        }
        return number;
    }

    private static ByteBuffer frame(long number) {
        byte[] payload = ByteBuffer.allocate(FRAME_BYTES).putLong(number).array();
        return ByteBuffer.wrap(new Frame(true, Frame.BINARY, payload).bytes(true));
    }

    @DisplayName("BP-02: every send to a peer that never reads is settled")
    @Test
    void settlesEverySendToAPeerThatNeverReads() throws Exception {
        RecordingListener listener = new RecordingListener();
        EverwireServer server = opened.serve(EverwireServer.builder()
                .liveness(LivenessPolicy.DEFAULT.withValidity(null))
                .limits(Limits.DEFAULT.withTimeouts(
                        Duration.ofSeconds(10), Duration.ofSeconds(2), Duration.ofMillis(300)))
                .listen("/", listener));
        try (RawPeer peer = RawPeer.dial(server.port(), 1_024)) {
            peer.write(RawPeer.REQUEST);
            listener.await(SessionEvent.Ready.class);
            Session session = listener.session();
            List<CompletionStage<Delivery>> sends = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                sends.add(session.send(Message.binary(new byte[60_000])));
                peer.write(Frame.pongTo(Frame.ping("I live")));
            }

            assertThat(listener.await(SessionEvent.Dead.class).reason()).isEqualTo("write-timeout");
            for (CompletionStage<Delivery> send : sends) {
                CompletableFuture<Delivery> outcome = send.toCompletableFuture();
                Patience.until("the send is settled", outcome::isDone);
            }
            assertThat(Patience.of(sends.get(30)).isConfirmed()).isFalse();
            listener.await(SessionEvent.Closed.class);
            assertThat(session.queuedBytes()).isZero();
        }
        Patience.until("nobody is left", () -> server.sessions().isEmpty());
    }

    @DisplayName("BP-03: a broadcast to a hundred, ten of whom never read")
    @Test
    void broadcastsToThoseWhoReadWhateverTheOthersDo() throws Exception {
        broadcast(100, 10);
    }

    @DisplayName("BP-03: a broadcast to a thousand, ten of whom never read")
    @Tag("full")
    @Test
    void broadcastsToAThousandWhateverTenOfThemDo() throws Exception {
        broadcast(1_000, 10);
    }

    private void broadcast(int members, int deaf) throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withQueue(200_000, 100))
                .listen("/", new SessionListener() {
                    @Override
                    public void onEvent(Session session, SessionEvent event) {
                        if (event instanceof SessionEvent.Ready) {
                            group.add(session);
                        }
                    }
                }));
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < members; i++) {
                RawPeer peer = RawPeer.dial(server.port(), i < deaf ? 1_024 : 0);
                peers.add(peer);
                peer.write(RawPeer.REQUEST);
                assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            }
            Patience.until("all are members", () -> group.size() == members);
            int least = members;
            for (int round = 0; round < 100; round++) {
                int taken = group.broadcast(Message.binary(new byte[16_000]));
                assertThat(taken).isGreaterThanOrEqualTo(members - deaf);
                least = Math.min(least, taken);
                for (RawPeer peer : peers.subList(deaf, members)) {
                    assertThat(peer.read(Frame.BINARY).payload()).hasSize(16_000);
                }
            }
            assertThat(least).as("who never reads misses what the others get").isEqualTo(members - deaf);
            for (Session session : server.sessions()) {
                assertThat(session.queuedBytes()).isLessThanOrEqualTo(200_000);
            }
        } finally {
            for (RawPeer peer : peers) {
                peer.reset();
            }
        }
        Patience.until("nobody is left", () -> group.size() == 0);
    }

    @DisplayName("CTL-02: pings without end from a peer that never reads")
    @Test
    void keepsOnePongAndHangsUpOnAPeerThatPingsAndNeverReads() throws Exception {
        Echo echo = new Echo();
        EverwireServer server = opened.serve(echo);
        try (RawPeer peer = RawPeer.dial(server.port(), 1_024)) {
            peer.write(RawPeer.REQUEST);
            echo.await(SessionEvent.Ready.class);
            Victim.begin(
                    hostile -> {
                        Frame[] pings = new Frame[100];
                        java.util.Arrays.fill(pings, new Frame(true, Frame.PING, new byte[125]));
                        byte[] hundred = hostile.bytes(pings);
                        for (int i = 0; i < 10_000; i++) {
                            hostile.write(hundred);
                        }
                    },
                    peer);
            SessionEvent.Closed closed = echo.await(SessionEvent.Closed.class);
            assertThat(closed.status().code()).isEqualTo(io.everwire.CloseCode.POLICY_VIOLATION);
            assertThat(echo.session().queuedBytes()).isZero();
        }
        Victim.assertServes(server);
    }
}
