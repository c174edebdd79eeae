package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 6455 §5.3, compared with its definition. */
class MaskerTest {
    private static final int KEY = 0x81_02_F3_44;
    private static final int[] LENGTHS = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        9,
        15,
        16,
        17,
        63,
        125,
        Masker.VIEW_BYTES - 1,
        Masker.VIEW_BYTES,
        Masker.VIEW_BYTES + 5,
        5_003
    };

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** j = i MOD 4; transformed-octet-i = original-octet-i XOR masking-key-octet-j. */
    private static byte[] masked(byte[] bytes) {
        byte[] masked = bytes.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= (byte) (KEY >>> (24 - 8 * (i % 4)));
        }
        return masked;
    }

    @ParameterizedTest
    @EnumSource
    void masksInPlaceAndNothingAround(BufferKind kind) {
        for (int length : LENGTHS) {
            byte[] whole = random(length + 6);
            byte[] expected = whole.clone();
            byte[] part = Arrays.copyOfRange(whole, 3, 3 + length);
            System.arraycopy(masked(part), 0, expected, 3, length);
            ByteBuf buffer = kind.of(whole, 5);
            Masker.mask(buffer, 8, length, KEY);
            assertThat(ByteBufUtil.getBytes(buffer, 5, whole.length))
                    .as("%d bytes", length)
                    .isEqualTo(expected);
            assertThat(buffer.readerIndex()).isZero();
            buffer.release();
        }
    }

    @ParameterizedTest
    @EnumSource
    void masksWhileCopyingAndLeavesTheSourceAlone(BufferKind kind) {
        for (BufferKind targetKind : BufferKind.values()) {
            for (int length : LENGTHS) {
                byte[] whole = random(length + 1);
                ByteBuf source = kind.of(whole, 2);
                ByteBuf target = targetKind.of(new byte[length + 4], 0);
                Masker.copy(source, 2, target, 3, length, KEY);
                byte[] expected = masked(Arrays.copyOf(whole, length));
                assertThat(ByteBufUtil.getBytes(target, 3, length)).isEqualTo(expected);
                assertThat(target.getByte(2)).isZero();
                assertThat(target.getByte(3 + length)).isZero();
                assertThat(ByteBufUtil.getBytes(source, 2, whole.length)).isEqualTo(whole);
                source.release();
                target.release();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWhereTheChunkBeforeEnded(BufferKind kind) {
        byte[] whole = random(3_000);
        for (int first : LENGTHS) {
            int length = Math.min(first, whole.length);
            ByteBuf buffer = kind.of(whole, 0);
            Masker.mask(buffer, 0, length, KEY);
            Masker.mask(buffer, length, whole.length - length, Masker.keyAfter(KEY, length));
            assertThat(ByteBufUtil.getBytes(buffer, 0, whole.length)).isEqualTo(masked(whole));
            buffer.release();
        }
    }
}
