package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The JDK's decoder is the judge. */
class Utf8ValidatorTest {
    /** Both sides of every boundary in the table of RFC 3629 §4. */
    private static final int[] BOUNDARIES = {
        0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
        0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF
    };

    private Utf8Validator validator = new Utf8Validator();

    /** Returns the length of the longest prefix that some text may begin with. */
    private static int possiblePrefix(byte[] text) {
        int length = 0;
        while (length < text.length && ReferenceDecoder.isUtf8(Arrays.copyOf(text, length + 1), false)) {
            length++;
        }
        return length;
    }

    /** Validates in chunks; returns the offset of the first impossible byte, or −1. */
    private int validate(byte[] text, Random random) {
        validator = new Utf8Validator();
        int at = 0;
        while (at < text.length) {
            int length = 1 + random.nextInt(text.length - at);
            ByteBuf chunk = Unpooled.buffer(length + 3).writeZero(3).writeBytes(text, at, length);
            int impossible = validator.validate(chunk, 3, length);
            if (impossible >= 0) {
                return at + impossible - 3;
            }
            at += length;
        }
        return -1;
    }

    private void compare(byte[] text, Random random) {
        int possible = possiblePrefix(text);
        int impossible = validate(text, random);
        int expected = possible == text.length ? -1 : possible;
        boolean isComplete = expected < 0 && ReferenceDecoder.isUtf8(text, true);
        if (impossible != expected || (impossible < 0 && validator.isBetweenCharacters() != isComplete)) {
            fail(
                    "the first impossible byte of %s is at %d, not %d; complete: %s",
                    Arrays.toString(text), expected, impossible, isComplete);
        }
    }

    @Test
    void agreesWithTheJdkOnAllSequencesOfBoundaryBytes() {
        Random random = new Random(1);
        for (int a : BOUNDARIES) {
            compare(Wire.bytes(a), random);
            for (int b : BOUNDARIES) {
                compare(Wire.bytes(a, b), random);
                for (int c : BOUNDARIES) {
                    compare(Wire.bytes(a, b, c), random);
                    for (int d : new int[] {0x7F, 0x80, 0xBF, 0xC0, 0xF0}) {
                        compare(Wire.bytes(a, b, c, d), random);
                    }
                }
            }
        }
    }

    @Test
    void acceptsEveryCodePointAndNothingAfterItsLastByteIsMissing() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint += codePoint < 0x3000 ? 1 : 37) {
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                continue;
            }
            byte[] text = Wire.utf8(Character.toString(codePoint));
            validator = new Utf8Validator();
            assertThat(validator.validate(Unpooled.wrappedBuffer(text), 0, text.length))
                    .isEqualTo(-1);
            assertThat(validator.isBetweenCharacters()).isTrue();
            validator.validate(Unpooled.wrappedBuffer(text), 0, text.length - 1);
            assertThat(validator.isBetweenCharacters()).isEqualTo(text.length == 1);
        }
    }

    @Test
    void agreesWithTheJdkOnSequencesAtEveryPlaceAmongAscii() {
        Random random = new Random(2);
        int[][] sequences = {
            {0xC3, 0xA4}, {0xE2, 0x82, 0xAC}, {0xF0, 0x9F, 0x98, 0x80}, {0xED, 0xA0, 0x80}, {0xF4, 0x90}, {0x80}
        };
        for (int[] sequence : sequences) {
            for (int before = 0; before < 18; before++) {
                for (int after = 0; after < 18; after += 3) {
                    byte[] text = Wire.join(
                            Wire.utf8("a".repeat(before)), Wire.bytes(sequence), Wire.utf8("z".repeat(after)));
                    compare(text, random);
                }
            }
        }
    }

    @Test
    void readsLongTextThroughAnyKindOfBufferAlike() {
        String mixed = "plain ASCII for a while, then Grüße, then 漢字, then 😀; ";
        byte[] good = Wire.utf8(mixed.repeat(50));
        byte[] bad = good.clone();
        int impossible = good.length - 700;
        bad[impossible] = (byte) 0xFF;
        for (BufferKind kind : BufferKind.values()) {
            ByteBuf goodBuffer = kind.of(good, 5);
            ByteBuf badBuffer = kind.of(bad, 5);
            validator = new Utf8Validator();
            assertThat(validator.validate(goodBuffer, 5, good.length))
                    .as(kind.name())
                    .isEqualTo(-1);
            assertThat(validator.isBetweenCharacters()).isTrue();
            assertThat(validator.validate(badBuffer, 5, bad.length))
                    .as(kind.name())
                    .isEqualTo(5 + impossible);
            goodBuffer.release();
            badBuffer.release();
        }
    }

    @Test
    void findsAnImpossibleByteAtEveryOffsetOfLongAscii() {
        for (BufferKind kind : BufferKind.values()) {
            for (int impossible = 0; impossible < 2 * Masker.VIEW_BYTES; impossible++) {
                byte[] text = Wire.utf8("a".repeat(2 * Masker.VIEW_BYTES));
                text[impossible] = (byte) 0x80;
                ByteBuf buffer = kind.of(text, 1);
                validator = new Utf8Validator();
                assertThat(validator.validate(buffer, 1, text.length))
                        .as(kind.name())
                        .isEqualTo(1 + impossible);
                buffer.release();
            }
        }
    }
}
