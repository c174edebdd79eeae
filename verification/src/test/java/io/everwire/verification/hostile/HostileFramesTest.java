package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Leaks;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RawServer;
import io.everwire.verification.conversation.RecordingListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames that lie about their length, never end, or come by the million, against both roles with their defaults. */
@Isolated("counts what the process holds")
class HostileFramesTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    /** A header that declares a length in eight bytes; what follows is up to the test. */
    private static byte[] header(Victim victim, int first, long length) {
        ByteBuffer header = ByteBuffer.allocate(14).put((byte) first);
        header.put((byte) (victim == Victim.SERVER ? 0xff : 0x7f)).putLong(length);
        if (victim == Victim.SERVER) {
            header.putInt(0x11223344);
        }
        return Arrays.copyOf(header.array(), header.position());
    }

    @DisplayName("LEN-01, LEN-03: lengths with the most significant bit")
    @ParameterizedTest
    @EnumSource
    void failsWithProtocolErrorOnLengthsThatAreNegative(Victim victim) throws Exception {
        long before = Cost.loopNanos();
        for (long length : new long[] {Long.MIN_VALUE, -1, 0x8000_0000_0000_0001L}) {
            assertThat(victim.closeCodeAfter(peer -> peer.write(header(victim, 0x82, length)), opened))
                    .isEqualTo(CloseCode.PROTOCOL_ERROR);
        }
        assertThat(TimeUnit.NANOSECONDS.toSeconds(Cost.loopNanos() - before)).isLessThan(1);
    }

    @DisplayName("LEN-01, LEN-03, LEN-05: lengths at the edges of int and long")
    @ParameterizedTest
    @EnumSource
    void failsWithTooLargeOnLengthsThatOverflow(Victim victim) throws Exception {
        for (long length : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 4, 1L << 62, 1L << 32, (1L << 31) - 4}) {
            assertThat(victim.closeCodeAfter(peer -> peer.write(header(victim, 0x82, length)), opened))
                    .isEqualTo(CloseCode.TOO_LARGE);
        }
    }

    @DisplayName("LEN-04: noise right behind the opening handshake")
    @ParameterizedTest
    @EnumSource
    void survivesNoiseInsteadOfFrames(Victim victim) throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            byte[] noise = new byte[2_000];
            new Random(seed).nextBytes(noise);
            // A frame of ours cannot begin like this: a reserved bit is set.
            noise[0] |= 0x40;
            assertThat(victim.closeCodeAfter(peer -> peer.write(noise), opened)).isEqualTo(CloseCode.PROTOCOL_ERROR);
        }
    }

    @DisplayName("LEN-06: a reserved opcode and a huge length")
    @ParameterizedTest
    @EnumSource
    void failsWithProtocolErrorOnReservedOpcodesWhateverTheirLength(Victim victim) throws Exception {
        for (int opcode : new int[] {0x3, 0x7, 0xB, 0xF}) {
            assertThat(victim.closeCodeAfter(peer -> peer.write(header(victim, 0x80 | opcode, 1L << 62)), opened))
                    .isEqualTo(CloseCode.PROTOCOL_ERROR);
        }
    }

    @DisplayName("LEN-07: headers alone, on many connections")
    @Test
    void holdsNothingForHeadersAlone() throws Exception {
        holdHeaders(500);
    }

    @DisplayName("LEN-07: headers alone, on ten thousand connections")
    @Tag("full")
    @Test
    void holdsNothingForHeadersAloneOnTenThousandConnections() throws Exception {
        // Both ends live in this process: eight thousand connections are what its descriptors allow for.
        holdHeaders(8_000);
    }

    private void holdHeaders(int connections) throws Exception {
        EverwireServer server = opened.serve(echo);
        RawPeer.open(server.port()).close();
        Limits limits = Limits.DEFAULT;
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < connections; i++) {
                RawPeer peer = RawPeer.open(server.port());
                peers.add(peer);
            }
            long before = Cost.heldBytes();
            for (RawPeer peer : peers) {
                peer.write(Frame.ping("begun"));
                peer.write(header(Victim.SERVER, 0x82, limits.messageBytes()));
                assertThat(peer.read(Frame.PONG).text()).isEqualTo("begun");
            }
            // A declared megabyte each would be gigabytes; slack for what a JVM does meanwhile.
            assertThat(Cost.heldBytes() - before).isLessThan((16L << 20) + connections * 4_096L);
            Victim.assertServes(server);
        } finally {
            for (RawPeer peer : peers) {
                peer.reset();
            }
        }
        Patience.until("nobody is left", () -> server.sessions().isEmpty());
    }

    @DisplayName("FRAG-01, CLI-03: a message that never ends")
    @ParameterizedTest
    @EnumSource
    void failsWithTooLargeOnAnEndlessMessage(Victim victim) throws Exception {
        Victim.Attack endless = peer -> {
            peer.write(new Frame(false, Frame.BINARY, new byte[4_000]));
            while (true) {
                peer.write(new Frame(false, Frame.CONTINUATION, new byte[4_000]));
            }
        };
        assertThat(victim.closeCodeAfter(endless, opened)).isEqualTo(CloseCode.TOO_LARGE);
    }

    @DisplayName("FRAG-05, CLI-02: the largest frames, for ever")
    @ParameterizedTest
    @EnumSource
    void failsWithTooLargeOnTheLargestFramesWithoutEnd(Victim victim) throws Exception {
        Victim.Attack endless = peer -> {
            peer.write(new Frame(false, Frame.BINARY, new byte[1 << 20]));
            while (true) {
                peer.write(new Frame(false, Frame.CONTINUATION, new byte[1 << 20]));
            }
        };
        assertThat(victim.closeCodeAfter(endless, opened)).isEqualTo(CloseCode.TOO_LARGE);
    }

    @DisplayName("FRAG-04: a million empty fragments")
    @ParameterizedTest
    @EnumSource
    void failsWithTooLargeOnEmptyFragmentsWithoutEnd(Victim victim) throws Exception {
        Victim.Attack endless = peer -> {
            peer.write(new Frame(false, Frame.BINARY, new byte[0]));
            byte[] thousand = peer.bytes(frames(1_000, 0));
            for (int i = 0; i < 1_000; i++) {
                peer.write(thousand);
            }
        };
        assertThat(victim.closeCodeAfter(endless, opened)).isEqualTo(CloseCode.TOO_LARGE);
    }

    private static Frame[] frames(int count, int length) {
        Frame[] frames = new Frame[count];
        Arrays.fill(frames, new Frame(false, Frame.CONTINUATION, new byte[length]));
        return frames;
    }

    @DisplayName("FRAG-02: fragments of one byte cost their byte")
    @Test
    void holdsWhatArrivedAndNothingForEachFragment() throws Exception {
        int connections = 3;
        int fragments = 100_001;
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withMessageBytes(256 << 10).withFragments(1 << 20))
                .listen("/", echo));
        holdMessages(server, connections, fragments, 1);
    }

    @DisplayName("FRAG-03: one short of every limit")
    @Test
    void holdsNoMoreThanTwiceWhatWasSentOneShortOfEveryLimit() throws Exception {
        // 1,023 fragments of 1,024 bytes: one fragment and a kilobyte are left.
        holdMessages(opened.serve(echo), 20, 1_023, 1_024);
    }

    @DisplayName("FRAG-03: one short of every limit, held for a minute")
    @Tag("full")
    @Test
    void holdsNoMoreThanTwiceWhatWasSentForAMinute() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withMessageTimeout(java.time.Duration.ofMinutes(5)))
                .liveness(LivenessPolicy.DEFAULT.withPing(
                        java.time.Duration.ofMinutes(5), java.time.Duration.ofMinutes(5)))
                .listen("/", echo));
        long begin = System.nanoTime();
        holdMessages(server, 200, 1_023, 1_024, () -> {
            Victim.assertServes(server);
            return System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(60);
        });
    }

    private void holdMessages(EverwireServer server, int connections, int fragments, int length) throws Exception {
        holdMessages(server, connections, fragments, length, () -> true);
    }

    /** Sends unfinished messages on many connections; when all have arrived, looks at what is held. */
    private void holdMessages(
            EverwireServer server,
            int connections,
            int fragments,
            int length,
            java.util.concurrent.Callable<Boolean> mayEnd)
            throws Exception {
        Victim.assertServes(server);
        List<RawPeer> peers = new ArrayList<>();
        try {
            long before = Cost.heldBytes();
            for (int i = 0; i < connections; i++) {
                RawPeer peer = RawPeer.open(server.port());
                peers.add(peer);
                peer.write(new Frame(false, Frame.BINARY, new byte[length]));
                byte[] thousand = peer.bytes(frames(1_000, length));
                for (int left = fragments - 1; left > 0; left -= 1_000) {
                    peer.write(left < 1_000 ? peer.bytes(frames(left, length)) : thousand);
                }
                peer.write(Frame.ping("all sent"));
                assertThat(peer.read(Frame.PONG).text()).isEqualTo("all sent");
            }
            long sent = (long) connections * fragments * length;
            assertThat(Cost.heldBytes() - before)
                    .as("held of %d bytes sent", sent)
                    .isLessThan(2 * sent + connections * (64L << 10) + (16L << 20));
            org.awaitility.Awaitility.await()
                    .atMost(java.time.Duration.ofMinutes(3))
                    .until(mayEnd);
            assertThat(echo.messageCount()).isLessThanOrEqualTo(1_000);
            Victim.assertServes(server);
        } finally {
            for (RawPeer peer : peers) {
                peer.reset();
            }
        }
        Patience.until("nobody is left", () -> server.sessions().isEmpty());
        Leaks.assertNoneAfterCollection();
    }

    @DisplayName("CTL-01: a million pongs that nobody asked for, to a client")
    @Test
    void takesAMillionPongsAndForgetsThem() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            Frame[] pongs = new Frame[1_000];
            for (int i = 0; i < pongs.length; i++) {
                pongs[i] = new Frame(true, Frame.PONG, new byte[i % 2 == 0 ? 0 : 125]);
            }
            byte[] thousand = peer.bytes(pongs);
            for (int i = 0; i < 1_000; i++) {
                peer.write(thousand);
            }
            peer.write(Frame.text("after them"));
            peer.read(Frame.CLOSE);
        }));
        RecordingListener client = new RecordingListener();
        opened.connect(EverwireClient.to(server.url()), client);

        assertThat(client.next().text()).isEqualTo("after them");
        Leaks.assertNoneAfterCollection();
    }

    @DisplayName("CTL-01, CTL-03: a million pongs that nobody asked for, to a server")
    @Test
    void hangsUpOnAFloodOfPongs() throws Exception {
        Victim.Attack flood = peer -> {
            Frame[] pongs = new Frame[1_000];
            Arrays.fill(pongs, new Frame(true, Frame.PONG, new byte[125]));
            byte[] thousand = peer.bytes(pongs);
            for (int i = 0; i < 1_000; i++) {
                peer.write(thousand);
            }
        };
        assertThat(Victim.SERVER.closeCodeAfter(flood, opened)).isEqualTo(CloseCode.POLICY_VIOLATION);
        Leaks.assertNoneAfterCollection();
    }

    @DisplayName("CTL-03: a flood of pings, and others are served meanwhile")
    @Test
    void hangsUpOnAFloodOfPingsAndServesOthers() throws Exception {
        Victim.Attack flood = peer -> {
            Frame[] pings = new Frame[100];
            Arrays.fill(pings, Frame.ping("flood"));
            byte[] hundred = peer.bytes(pings);
            for (int i = 0; i < 10_000; i++) {
                peer.write(hundred);
            }
        };
        assertThat(Victim.SERVER.closeCodeAfter(flood, opened)).isEqualTo(CloseCode.POLICY_VIOLATION);
    }

    @DisplayName("TCP-01: FIN or RST of a server at every byte of a conversation")
    @ParameterizedTest
    @EnumSource
    void endsAsAClientWhenTheStreamIsCutAtAnyByte(Cut cut) throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            byte[] head =
                    (RawPeer.answerTo(peer.readHead()) + "\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            byte[] frames = peer.bytes(
                    Frame.part(false, Frame.TEXT, "ab"),
                    Frame.ping("x"),
                    Frame.part(true, Frame.CONTINUATION, "cd"),
                    Frame.close(1000, "e"));
            byte[] all = Arrays.copyOf(head, head.length + frames.length);
            System.arraycopy(frames, 0, all, head.length, frames.length);
            peer.write(Arrays.copyOf(all, Math.min(number, all.length)));
            if (cut == Cut.RESET) {
                peer.reset();
            } else {
                peer.shutdownOutput();
                peer.readAll();
            }
        }));
        for (int i = 1; i <= 160; i++) {
            RecordingListener client = new RecordingListener();
            // Another name each time, so that no host's budget is used up.
            opened.connect(
                    EverwireClient.to(
                                    io.everwire.ConnectRequest.to("ws://other" + i + "/"),
                                    attempt -> java.util.concurrent.CompletableFuture.completedFuture(
                                            io.everwire.ConnectRequest.to(server.url())))
                            .reconnect(io.everwire.ReconnectPolicy.never()),
                    client);
            client.await(SessionEvent.Closed.class);
        }
        Cost.assertIdle();
    }

    /** How a stream may end. */
    enum Cut {
        FIN,
        RESET
    }

    @DisplayName("TCP-01: no event loop spins on streams that were cut")
    @ParameterizedTest
    @EnumSource
    void doesNotSpinAfterAClientHasHalfClosed(Cut cut) throws Exception {
        EverwireServer server = opened.serve(echo);
        List<RawPeer> peers = new ArrayList<>();
        for (int length = 0; length < RawPeer.REQUEST.length(); length += 7) {
            RawPeer peer = opened.add(RawPeer.dial(server.port()));
            peer.write(RawPeer.REQUEST.substring(0, length));
            peers.add(peer);
        }
        for (int i = 0; i < 20; i++) {
            peers.add(opened.add(RawPeer.open(server.port())));
        }
        for (RawPeer peer : peers) {
            if (cut == Cut.RESET) {
                peer.reset();
            } else {
                peer.shutdownOutput();
            }
        }
        Patience.until("nobody is left", () -> server.sessions().isEmpty());
        Cost.assertIdle();
        Victim.assertServes(server);
    }
}
