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
    private static final int CHUNK = 4 << 10;
    private static final int LARGEST = 16 << 10;

    private record Held(long position, ByteBuf message) {}

    @Test
    void whatIsHeldIsReturnedWhateverCameAndWentMeanwhile() {
        Random random = new Random(7);
        KeptBytes kept = new KeptBytes(new KeptBytes.Spares());
        Deque<Held> held = new ArrayDeque<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] message = new byte[random.nextInt(random.nextInt(50) == 0 ? LARGEST + 1 : random.nextInt(300) + 1)];
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
        assertThat(kept.capacity()).isEqualTo(CHUNK);
        kept.forget(last + 100);
        assertThat(kept.capacity()).isZero();
    }

    @Test
    void itHoldsTwoChunksMoreThanItsMessagesAtMost() {
        KeptBytes kept = new KeptBytes(new KeptBytes.Spares());
        for (int i = 0; i < 10_000; i++) {
            long position = kept.add(borrowed(new byte[1_000]));
            kept.forget(position - 9_000);
            assertThat(kept.capacity()).isLessThanOrEqualTo(10_000 + 2 * CHUNK);
        }
        kept.add(borrowed(new byte[1 << 20]));
        kept.forget(kept.add(borrowed(new byte[1])));
        assertThat(kept.capacity()).as("of one byte").isEqualTo(CHUNK);
    }

    @Test
    void messagesWithoutBytesAreKeptWhereverTheyStand() {
        KeptBytes kept = new KeptBytes(new KeptBytes.Spares());
        long before = kept.add(borrowed(new byte[0]));
        long one = kept.add(borrowed(new byte[] {7}));
        long behind = kept.add(borrowed(new byte[0]));
        assertThat(kept.get(before, 0)).isEmpty();
        kept.forget(one + 1);
        assertThat(kept.get(behind, 0)).isEmpty();
        long next = kept.add(borrowed(new byte[0]));
        kept.forget(behind);
        long last = kept.add(borrowed(new byte[] {8, 9}));
        kept.forget(next);
        assertThat(kept.get(last, 2)).containsExactly(8, 9);
    }

    @Test
    void whatOneGivesBackServesTheNext() {
        KeptBytes.Spares spares = new KeptBytes.Spares();
        KeptBytes one = new KeptBytes(spares);
        one.forget(one.add(borrowed(new byte[] {1, 2, 3})) + 3);
        KeptBytes next = new KeptBytes(spares);
        long position = next.add(borrowed(new byte[] {4}));
        assertThat(next.get(position, 1)).containsExactly(4);
        assertThatThrownBy(() -> next.get(position, 3)).as("what is another's").isInstanceOf(AssertionError.class);
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
