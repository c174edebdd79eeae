package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeptBytesTest {
    private static final int LARGEST = KeptBytes.MOST_BYTES;

    private record Held(long position, ByteBuf message) {}

    @Test
    void whatIsHeldIsReturnedWhateverCameAndWentMeanwhile() {
        Random random = new Random(7);
        KeptBytes kept = new KeptBytes(new KeptBytes.Spares());
        Deque<Held> held = new ArrayDeque<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] message = new byte[random.nextInt(random.nextInt(50) == 0 ? LARGEST + 1 : 300)];
            random.nextBytes(message);
            held.addLast(new Held(kept.add(borrowed(message)), Unpooled.wrappedBuffer(message)));
            if (random.nextInt(100) == 0) {
                for (int gone = random.nextInt(held.size() + 1); gone > 0; gone--) {
                    Held oldest = held.removeFirst();
                    assertIsHeld(kept, oldest);
                    kept.forget(oldest.position + oldest.message.readableBytes());
                }
            }
        }
        for (Held each : held) {
            assertIsHeld(kept, each);
        }
    }

    private static void assertIsHeld(KeptBytes kept, Held held) {
        byte[] returned = kept.get(held.position, held.message.readableBytes());
        assertThat(Unpooled.wrappedBuffer(returned)).isEqualTo(held.message);
    }

    /** A message in the middle of what was read. */
    private static ByteBuf borrowed(byte[] message) {
        return Unpooled.wrappedBuffer(new byte[3], message).skipBytes(3);
    }

    @Test
    void itHoldsNothingWhenAllIsForgotten() {
        KeptBytes kept = new KeptBytes(new KeptBytes.Spares());
        assertThat(kept.capacity()).isZero();
        kept.add(borrowed(new byte[100]));
        long last = kept.add(borrowed(new byte[100]));
        kept.forget(last);
        assertThat(kept.capacity()).isPositive();
        kept.forget(last + 100);
        assertThat(kept.capacity()).isZero();
    }

    @Test
    void itIsAtMostTwiceAsLargeAsWhatWasHeldAtOnce() {
        KeptBytes kept = new KeptBytes(new KeptBytes.Spares());
        for (int i = 0; i < 10_000; i++) {
            long position = kept.add(borrowed(new byte[1_000]));
            kept.forget(position - 9_000);
        }
        assertThat(kept.capacity()).isEqualTo(16 << 10);
    }

    @Test
    void whatOneGivesBackServesTheNext() {
        KeptBytes.Spares spares = new KeptBytes.Spares();
        KeptBytes one = new KeptBytes(spares);
        one.forget(one.add(borrowed(new byte[8_000])) + 8_000);
        KeptBytes next = new KeptBytes(spares);
        long position = next.add(borrowed(new byte[] {1, 2, 3}));
        assertThat(next.capacity()).isEqualTo(8 << 10);
        assertThat(next.get(position, 3)).containsExactly(1, 2, 3);
        KeptBytes third = new KeptBytes(spares);
        third.add(borrowed(new byte[3]));
        assertThat(third.capacity()).as("of its own").isEqualTo(512);
    }

    @Test
    void whatIsForgottenIsNotReturned() {
        KeptBytes kept = new KeptBytes(new KeptBytes.Spares());
        long position = kept.add(borrowed(new byte[10]));
        kept.add(borrowed(new byte[10]));
        kept.forget(position + 10);
        assertThatThrownBy(() -> kept.get(position, 10)).isInstanceOf(AssertionError.class);
    }
}
