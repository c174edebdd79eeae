package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private static final int OVERHEAD = Limits.MESSAGE_OVERHEAD_BYTES;

    private final SendQueue queue = new SendQueue(Limits.DEFAULT.withQueue(1_000, 4));

    private static Send send(int length) {
        return send(length, null, Send.NEVER);
    }

    private static Send send(int length, @Nullable String key, long expiresNanos) {
        return new Send(false, Unpooled.wrappedBuffer(new byte[length]), null, key, expiresNanos);
    }

    private static SendQueue.Offer taken() {
        return SendQueue.Offer.TAKEN;
    }

    @Test
    void givesMessagesBackInOrder() {
        Send first = send(1);
        Send second = send(2);

        assertThat(queue.offer(first)).isEqualTo(taken());
        assertThat(queue.offer(second)).isEqualTo(taken());

        assertThat(queue.poll()).isSameAs(first);
        assertThat(queue.poll()).isSameAs(second);
        assertThat(queue.poll()).isNull();
    }

    @Test
    void asksNoRoomForWhatHasExpired() {
        Send expired = send(1, null, 5);
        Send next = send(2);
        queue.offer(expired);
        queue.offer(next);

        assertThat(queue.pollIf(bytes -> false, 4)).isNull();
        assertThat(queue.pollIf(bytes -> false, 5)).isSameAs(expired);
        assertThat(queue.pollIf(bytes -> false, 5)).isNull();
        assertThat(queue.pollIf(bytes -> bytes == 2, 5)).isSameAs(next);
    }

    @Test
    void isBoundedInBytes() {
        assertThat(queue.offer(send(500)).refusal()).isNull();
        assertThat(queue.offer(send(1_000 - 500 - 2 * OVERHEAD + 1)).refusal()).isEqualTo(Delivery.FULL);
        assertThat(queue.offer(send(1_000 - 500 - 2 * OVERHEAD)).refusal()).isNull();
        assertThat(queue.bytes()).isEqualTo(1_000);
    }

    @Test
    void isBoundedInMessages() {
        for (int i = 0; i < 4; i++) {
            assertThat(queue.offer(send(0)).refusal()).isNull();
        }
        assertThat(queue.offer(send(0)).refusal()).isEqualTo(Delivery.FULL);
    }

    @Test
    void takesAnyOneMessageWhenItIsEmpty() {
        assertThat(queue.offer(send(5_000)).refusal()).isNull();
        assertThat(queue.offer(send(0)).refusal()).isEqualTo(Delivery.FULL);
    }

    @Test
    void countsAMessageUntilItIsReleased() {
        Send only = send(10);
        queue.offer(only);
        queue.poll();

        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.bytes()).isEqualTo(10 + OVERHEAD);
        queue.release(only.cost(), 1);
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void saysOnceThatThereIsRoomAgainWhenAFullQueueIsHalfEmpty() {
        for (int i = 0; i < 4; i++) {
            queue.offer(send(0));
        }
        queue.offer(send(0));

        assertThat(queue.release(OVERHEAD, 1)).isFalse();
        assertThat(queue.release(OVERHEAD, 1)).isTrue();
        assertThat(queue.release(OVERHEAD, 1)).isFalse();
    }

    @Test
    void saysNothingOfRoomWhenItWasNeverFoundFull() {
        queue.offer(send(0));

        assertThat(queue.release(OVERHEAD, 1)).isFalse();
    }

    @Test
    void replacesInPlaceByKey() {
        Send old = send(1, "key", Send.NEVER);
        Send other = send(2, "other", Send.NEVER);
        Send fresh = send(3, "key", Send.NEVER);
        queue.offer(old);
        queue.offer(other);

        assertThat(queue.offer(fresh).replaced()).isSameAs(old);

        assertThat(queue.bytes()).isEqualTo(5 + 2 * OVERHEAD);
        assertThat(queue.poll()).isSameAs(fresh);
        assertThat(queue.poll()).isSameAs(other);
    }

    @Test
    void refusesAReplacementThatIsTooLargeAndKeepsTheOldMessage() {
        Send old = send(1, "key", Send.NEVER);
        queue.offer(old);
        queue.offer(send(700));

        assertThat(queue.offer(send(500, "key", Send.NEVER)).refusal()).isEqualTo(Delivery.FULL);

        assertThat(queue.poll()).isSameAs(old);
    }

    @Test
    void takesAReplacementThatIsNoLargerThoughItIsFull() {
        queue.offer(send(5_000, "key", Send.NEVER));

        assertThat(queue.offer(send(5_000, "key", Send.NEVER)).refusal()).isNull();
    }

    @Test
    void putsAMessageBackToTheFront() {
        Send first = send(1);
        queue.offer(first);
        queue.offer(send(2));
        queue.poll();

        queue.putBack(first);

        assertThat(queue.poll()).isSameAs(first);
        assertThat(queue.bytes()).isEqualTo(3 + 2 * OVERHEAD);
    }

    @Test
    void takesOutWhatHasExpired() {
        Send mortal = send(1, null, 100);
        Send hardy = send(2, null, 101);
        queue.offer(mortal);
        queue.offer(hardy);

        assertThat(queue.takeExpired(99)).isEmpty();
        assertThat(queue.takeExpired(100)).containsExactly(mortal);
        assertThat(queue.poll()).isSameAs(hardy);
    }

    @Test
    void givesBackWhatWaitsAndRefusesTheRestWhenClosed() {
        Send waiting = send(1);
        queue.offer(waiting);

        assertThat(queue.close("over")).containsExactly(waiting);
        assertThat(queue.close("again")).isEmpty();
        assertThat(queue.offer(send(1)).refusal()).isEqualTo("over");
        assertThat(queue.charge(send(1))).isEqualTo("over");
        assertThat(queue.isClosed()).isTrue();
    }

    @Test
    void keepsWhatWaitsWhenItOnlyRefuses() {
        Send waiting = send(1);
        queue.offer(waiting);
        queue.refuse("closing");

        assertThat(queue.offer(send(1)).refusal()).isEqualTo("closing");
        assertThat(queue.poll()).isSameAs(waiting);
    }

    @Test
    void returnsAtOnceWhenThereIsNoRoomAndNoTime() throws Exception {
        queue.offer(send(5_000));

        assertThat(queue.awaitOffer(send(1), 0)).isFalse();
    }

    @Test
    void wakesWhoWaitsForRoom() throws Exception {
        queue.offer(send(5_000));
        CountDownLatch begun = new CountDownLatch(1);
        FutureTask<Boolean> waiting = new FutureTask<>(() -> {
            begun.countDown();
            return queue.awaitOffer(send(1), TimeUnit.MINUTES.toNanos(1));
        });
        new Thread(waiting, "waiting").start();
        begun.await();
        queue.release(5_000 + OVERHEAD, 1);

        assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(List.of(queue.bytes())).containsExactly(1L + OVERHEAD);
    }
}
