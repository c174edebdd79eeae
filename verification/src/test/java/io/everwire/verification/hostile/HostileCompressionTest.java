package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.CompressionPolicy;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.CompressionTest;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RawServer;
import io.everwire.verification.conversation.RecordingListener;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compressed messages that are bombs, garbage, cut short or marked where they must not be, against both roles. */
@Isolated("counts what the process holds")
class HostileCompressionTest {
    private static final int RSV1 = 0x40;
    private static final CompressionPolicy KEEPING = CompressionPolicy.DEFAULT.withContext(true, true);

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    /** Returns the code with which an endpoint that compresses closes after what a peer does. */
    private int closeCode(Victim victim, Victim.Attack attack) throws Exception {
        return victim == Victim.SERVER ? serversCloseCode(attack) : clientsCloseCode(attack);
    }

    private int serversCloseCode(Victim.Attack attack) throws Exception {
        Echo attacked = new Echo();
        EverwireServer server =
                opened.serve(EverwireServer.builder().compression(KEEPING).listen("/", attacked));
        int code;
        try (RawPeer peer = CompressionTest.compressedPeer(server, "")) {
            Victim.begin(attack, peer);
            code = peer.read(Frame.CLOSE).closeCode();
        }
        assertThat(attacked.await(SessionEvent.Closed.class).status().code()).isEqualTo(code);
        Victim.assertServes(server);
        return code;
    }

    private int clientsCloseCode(Victim.Attack attack) throws Exception {
        CompletableFuture<Frame> close = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.write(RawPeer.answerTo(peer.readHead()) + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
            Victim.begin(attack, peer);
            close.complete(peer.read(Frame.CLOSE));
            peer.readAll();
        }));
        Session session = opened.connect(
                EverwireClient.to(server.url()).compression(KEEPING).reconnect(ReconnectPolicy.never()),
                new RecordingListener());
        int code = Patience.of(close).closeCode();
        assertThat(Patience.of(session.closed()).status().code()).isEqualTo(code);
        return code;
    }

    private static Frame compressed(byte[] payload) {
        return new Frame(true, RSV1 | Frame.BINARY, payload);
    }

    /** A gigabyte of zeros in a megabyte: independent blocks, one after the other. */
    private static byte[] bomb() {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(new byte[1 << 20]);
        byte[] block = new byte[8 << 10];
        int bytes = deflater.deflate(block, 0, block.length, Deflater.FULL_FLUSH);
        deflater.end();
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        for (int i = 0; i < 1_000; i++) {
            bomb.write(block, 0, bytes);
        }
        return Arrays.copyOf(bomb.toByteArray(), bomb.size() - 4);
    }

    @DisplayName("PMD-01, PMD-02, PMD-03: a megabyte that becomes a gigabyte")
    @ParameterizedTest
    @EnumSource
    void failsWithTooLargeOnABomb(Victim victim) throws Exception {
        byte[] bomb = bomb();
        assertThat(bomb.length).isBetween(1_000_000, 1 << 20);
        long before = Cost.heldBytes();
        assertThat(closeCode(victim, peer -> peer.write(compressed(bomb)))).isEqualTo(CloseCode.TOO_LARGE);
        assertThat(closeCode(victim, peer -> {
                    for (int at = 0; at < bomb.length; at += 100_000) {
                        byte[] part = Arrays.copyOfRange(bomb, at, Math.min(bomb.length, at + 100_000));
                        boolean isLast = at + part.length == bomb.length;
                        peer.write(new Frame(isLast, at == 0 ? RSV1 | Frame.BINARY : Frame.CONTINUATION, part));
                    }
                }))
                .isEqualTo(CloseCode.TOO_LARGE);
        assertThat(Cost.heldBytes() - before)
                .as("held beyond what a message may be, and what Netty's allocator keeps of it")
                .isLessThan(40 << 20);
    }

    @DisplayName("PMD-05: longer than the limit only when it is inflated")
    @ParameterizedTest
    @EnumSource
    void failsWithTooLargeOnOneByteBeyondTheLimit(Victim victim) throws Exception {
        byte[] legal = CompressionTest.deflate(new byte[1 << 20]);
        byte[] tooLarge = CompressionTest.deflate(new byte[(1 << 20) + 1]);
        assertThat(tooLarge.length).isLessThan(2_000);
        assertThat(closeCode(victim, peer -> peer.write(compressed(legal), compressed(tooLarge))))
                .isEqualTo(CloseCode.TOO_LARGE);
    }

    @DisplayName("PMD-07: garbage, and messages that were cut short")
    @ParameterizedTest
    @EnumSource
    void failsWithInvalidPayloadOnWhatIsNoDeflate(Victim victim) throws Exception {
        byte[] noise = new byte[300];
        new Random(1).nextBytes(noise);
        noise[0] = 7;
        byte[] whole = CompressionTest.deflate("a message that does not end".getBytes(StandardCharsets.UTF_8));
        for (byte[] payload : List.of(
                noise,
                Arrays.copyOf(whole, whole.length - 1),
                Arrays.copyOf(whole, 1),
                // The example of RFC 7692 §7.2.3.2 that refers to a message before it.
                new byte[] {(byte) 0xF2, 0x00, 0x11, 0x00, 0x00})) {
            assertThat(closeCode(victim, peer -> peer.write(compressed(payload))))
                    .isEqualTo(CloseCode.INVALID_PAYLOAD);
        }
        byte[] noText = CompressionTest.deflate(new byte[] {'a', (byte) 0xC3});
        assertThat(closeCode(victim, peer -> peer.write(new Frame(true, RSV1 | Frame.TEXT, noText))))
                .isEqualTo(CloseCode.INVALID_PAYLOAD);
    }

    @DisplayName("PMD-09: the bit of compression where it must not be")
    @ParameterizedTest
    @EnumSource
    void failsWithProtocolErrorOnTheBitInTheWrongPlace(Victim victim) throws Exception {
        for (int opcode : new int[] {Frame.CONTINUATION, Frame.PING, Frame.PONG, Frame.CLOSE, 3}) {
            assertThat(closeCode(
                            victim,
                            peer -> peer.write(
                                    new Frame(false, Frame.TEXT, new byte[0]),
                                    new Frame(true, RSV1 | opcode, new byte[0]))))
                    .isEqualTo(CloseCode.PROTOCOL_ERROR);
        }
        for (int bits : new int[] {0x20, 0x10, 0x60, 0x70}) {
            assertThat(closeCode(victim, peer -> peer.write(new Frame(true, bits | Frame.TEXT, new byte[0]))))
                    .isEqualTo(CloseCode.PROTOCOL_ERROR);
        }
    }

    @Test
    void readsAMegabyteOfEmptyBlocksAndRefusesFinalOnesWithoutEnd() throws Exception {
        byte[] empties = new byte[1_000_001];
        for (int i = 0; i < 1_000_000; i += 5) {
            empties[i + 3] = empties[i + 4] = (byte) 0xFF;
        }
        EverwireServer server =
                opened.serve(EverwireServer.builder().compression(KEEPING).listen("/", echo));
        try (RawPeer peer = CompressionTest.compressedPeer(server, "")) {
            peer.write(compressed(empties));
            assertThat(peer.read(Frame.BINARY).payload()).isEmpty();
        }
        byte[] finals = new byte[1_000_000];
        for (int i = 0; i < finals.length; i += 2) {
            finals[i] = 3;
        }
        assertThat(closeCode(Victim.SERVER, peer -> peer.write(compressed(finals))))
                .isEqualTo(CloseCode.TOO_LARGE);
    }

    @DisplayName("PMD-04: bombs that are never complete, on many connections")
    @Test
    void holdsNoMoreThanWhatWasSentOfBombsThatAreNeverComplete() throws Exception {
        byte[] bomb = CompressionTest.deflate(new byte[1 << 20]);
        EverwireServer server =
                opened.serve(EverwireServer.builder().compression(KEEPING).listen("/", echo));
        List<RawPeer> peers = new ArrayList<>();
        try {
            CompressionTest.compressedPeer(server, "").close();
            long before = Cost.heldBytes();
            for (int i = 0; i < 300; i++) {
                RawPeer peer = CompressionTest.compressedPeer(server, "");
                peers.add(peer);
                peer.write(new Frame(false, RSV1 | Frame.BINARY, bomb), Frame.ping("read"));
                peer.read(Frame.PONG);
            }
            // Each would be a megabyte when it is inflated.
            assertThat(Cost.heldBytes() - before).isLessThan(64 << 20);
            Victim.assertServes(server);
        } finally {
            for (RawPeer peer : peers) {
                peer.reset();
            }
        }
    }
}
