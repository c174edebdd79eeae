package io.everwire.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EchoesTest {
    /** What a server answers to some frames: the same without masks. */
    private static ByteBuffer answers(Frames frames, int count) {
        ByteBuffer out = ByteBuffer.allocate(count * (frames.payloadBytes() + 10));
        for (int i = 0; i < count; i++) {
            frame(out, 0x80 | frames.opcode(), frames.payload());
        }
        return out.flip();
    }

    private static void frame(ByteBuffer out, int first, ByteBuffer payload) {
        int length = payload.remaining();
        out.put((byte) first);
        if (length < 126) {
            out.put((byte) length);
        } else if (length <= 0xFFFF) {
            out.put((byte) 126).putShort((short) length);
        } else {
            out.put((byte) 127).putLong(length);
        }
        out.put(payload);
    }

    private static Frames frames(int bytes) {
        return new Frames(false, bytes, 2, new Random(7));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 300, 70_000})
    void countsMessagesHoweverTheyAreCut(int bytes) throws LoadException {
        Frames frames = frames(bytes);
        ByteBuffer answers = answers(frames, 3);
        for (int part : new int[] {1, 2, 3, 7, 100, answers.remaining()}) {
            Echoes echoes = new Echoes.Framed(frames, false);
            int count = 0;
            for (int at = 0; at < answers.limit(); at += part) {
                count += echoes.take(answers.slice(at, Math.min(part, answers.limit() - at)));
            }
            assertThat(count).as("in parts of %d", part).isEqualTo(3);
        }
    }

    @Test
    void countsAMessageOfSeveralFramesOnce() throws LoadException {
        Frames frames = frames(10);
        ByteBuffer out = ByteBuffer.allocate(100);
        frame(out, 2, frames.payload().limit(4));
        frame(out, 0x89, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        frame(out, 0x80, frames.payload().position(4));
        frame(out, 0x82, frames.payload());
        assertThat(new Echoes.Framed(frames, false).take(out.flip())).isEqualTo(2);
    }

    @Test
    void countsCompressedMessagesHoweverTheyAreCutAndInflatesSome() throws LoadException {
        Frames frames = Frames.json(1_000, true, 2, new Random(7));
        assertThat(frames.isCompressed()).isTrue();
        assertThat(frames.frameBytes()).isLessThan(600);
        byte[] message = new byte[1_000];
        frames.payload().get(message);
        // A server need not compress as we do.
        ByteBuffer other = ByteBuffer.wrap(DeflateOffer.compress(message));
        ByteBuffer answers = ByteBuffer.allocate(2_000);
        frame(answers, 0xC1, other.duplicate());
        frame(answers, 0x41, other.duplicate().limit(100));
        frame(answers, 0x89, ByteBuffer.allocate(2));
        frame(answers, 0x80, other.duplicate().position(100));
        answers.flip();
        for (int part : new int[] {1, 2, 3, 100, answers.remaining()}) {
            Echoes echoes = new Echoes.Framed(frames, false);
            int count = 0;
            for (int at = 0; at < answers.limit(); at += part) {
                count += echoes.take(answers.slice(at, Math.min(part, answers.limit() - at)));
            }
            assertThat(count).as("in parts of %d", part).isEqualTo(2);
        }
        Echoes echoes = new Echoes.Framed(frames, false);
        echoes.compareFirst(answers);
        int second = 4 + other.limit();
        echoes.compareFirst(answers.slice(second, answers.limit() - second));
    }

    @Test
    void refusesWhatIsCompressedWrongly() {
        Frames frames = Frames.json(1_000, true, 2, new Random(7));
        byte[] message = new byte[1_000];
        frames.payload().get(message);
        assertRefused(frames, 0x81, frames.payload(), "RSV1");
        assertRefused(frames, 0xE1, ByteBuffer.wrap(DeflateOffer.compress(message)), "RSV1");
        assertRefused(frames, 0xC9, ByteBuffer.allocate(2), "a reserved bit");
        message[999]++;
        assertRefused(frames, 0xC1, ByteBuffer.wrap(DeflateOffer.compress(message)), "another payload");
        byte[] longer = Arrays.copyOf(message, 1_001);
        longer[999]--;
        assertRefused(frames, 0xC1, ByteBuffer.wrap(DeflateOffer.compress(longer)), "another payload");
        assertRefused(frames, 0xC1, frames.payload(), "another payload");
        Frames plain = Frames.json(64, false, 2, new Random(7));
        assertRefused(plain, 0xC1, plain.payload(), "a reserved bit");
    }

    @Test
    void comparesTheFirstMessageWhole() throws LoadException {
        Frames frames = frames(10);
        ByteBuffer out = ByteBuffer.allocate(100);
        frame(out, 0x89, ByteBuffer.allocate(2));
        frame(out, 2, frames.payload().limit(4));
        frame(out, 0x80, frames.payload().position(4));
        out.flip();
        new Echoes.Framed(frames, false).compareFirst(out);
        out.put(out.limit() - 1, (byte) ~out.get(out.limit() - 1));
        assertThatThrownBy(() -> new Echoes.Framed(frames, false).compareFirst(out))
                .hasMessageContaining("another payload");
        new Echoes.Raw(frames).compareFirst(frames.block());
        ByteBuffer wrong = ByteBuffer.allocate(frames.frameBytes());
        assertThatThrownBy(() -> new Echoes.Raw(frames).compareFirst(wrong)).hasMessageContaining("another payload");
    }

    @Test
    void countsNoControlMessageOfASession() throws LoadException {
        Frames frames = frames(10);
        ByteBuffer out = ByteBuffer.allocate(100);
        frame(out, 0x81, ByteBuffer.wrap("\0ack n=1".getBytes(StandardCharsets.US_ASCII)));
        frame(out, 0x82, frames.payload());
        assertThat(new Echoes.Framed(frames, true).take(out.flip())).isEqualTo(1);
    }

    @Test
    void refusesAnotherPayload() {
        Frames frames = frames(10);
        ByteBuffer answers = answers(frames, 1);
        answers.put(5, (byte) ~answers.get(5));
        assertThatThrownBy(() -> new Echoes.Framed(frames, false).take(answers))
                .hasMessageContaining("another payload");
    }

    @Test
    void refusesAnotherLengthOpcodeOrReservedBit() {
        Frames frames = frames(10);
        assertRefused(frames, 0x82, ByteBuffer.allocate(9), "9 bytes came back instead of 10");
        assertRefused(frames, 0x81, frames.payload(), "opcode 1");
        assertRefused(frames, 0xC2, frames.payload(), "reserved bit");
        assertRefused(frames, 0x88, ByteBuffer.wrap(new byte[] {3, (byte) 0xE8}), "closed the connection with 1000");
    }

    private static void assertRefused(Frames frames, int first, ByteBuffer payload, String sentence) {
        ByteBuffer out = ByteBuffer.allocate(1_500);
        frame(out, first, payload);
        assertThatThrownBy(() -> new Echoes.Framed(frames, false).take(out.flip()))
                .hasMessageContaining(sentence);
    }

    @Test
    void countsBytesOfARawServer() throws LoadException {
        Frames frames = frames(10);
        Echoes echoes = new Echoes.Raw(frames);
        assertThat(echoes.take(ByteBuffer.allocate(frames.frameBytes() - 1))).isZero();
        assertThat(echoes.take(ByteBuffer.allocate(frames.frameBytes() + 1))).isEqualTo(2);
    }

    @Test
    void masksEachFrameWithItsOwnKey() {
        Frames frames = frames(40);
        ByteBuffer block = frames.block();
        assertThat(block.remaining()).isEqualTo(2 * frames.frameBytes());
        ByteBuffer first = block.slice(0, frames.frameBytes());
        ByteBuffer second = block.slice(frames.frameBytes(), frames.frameBytes());
        assertThat(first).isNotEqualTo(second);
        for (ByteBuffer frame : new ByteBuffer[] {first, second}) {
            ByteBuffer payload = frames.payload();
            for (int i = 0; i < 40; i++) {
                assertThat((byte) (frame.get(6 + i) ^ frame.get(2 + (i & 3)))).isEqualTo(payload.get(i));
            }
        }
    }
}
