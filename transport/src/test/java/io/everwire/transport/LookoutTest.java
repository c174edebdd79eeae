package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LookoutTest {
    @AutoClose
    private final EventLoops loops = EventLoops.create(1);

    private final EventLoop loop = loops.next();
    private final List<String> acted = new CopyOnWriteArrayList<>();
    private final AtomicBoolean isRead = new AtomicBoolean();

    private void onLoop(Runnable task) throws Exception {
        loop.submit(task).get(20, TimeUnit.SECONDS);
    }

    @Test
    void looksForAllWhoAskedAndForNobodyWhoHasGoneMeanwhile() throws Exception {
        CountDownLatch isDone = new CountDownLatch(2);
        AtomicInteger looks = new AtomicInteger();
        AtomicBoolean isSecondWanted = new AtomicBoolean(true);
        onLoop(() -> {
            Lookout lookout = new Lookout(loop, () -> looks.incrementAndGet() > 3, () -> true);
            lookout.add(() -> true, () -> note("first", isDone));
            lookout.add(isSecondWanted::get, () -> note("second", isDone));
            lookout.add(() -> true, () -> {
                throw new IllegalStateException("one peer's misfortune");
            });
            lookout.add(() -> true, () -> note("fourth", isDone));
            isSecondWanted.set(false);
        });

        assertThat(isDone.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(acted).containsExactly("first", "fourth");
        assertThat(looks).hasValue(4);
    }

    @Test
    void isSharedByWhoAsksInTheSameTurnAndByNobodyElse() throws Exception {
        List<Lookout> lookouts = new CopyOnWriteArrayList<>();
        CountDownLatch isDone = new CountDownLatch(3);
        onLoop(() -> {
            lookouts.add(EventLoops.lookout(loop));
            lookouts.add(EventLoops.lookout(loop));
            EventLoops.whenRead(loop, () -> true, () -> note("first", isDone));
            EventLoops.whenRead(loop, () -> true, () -> note("second", isDone));
            // What is due at once is run when others have been read.
            loop.schedule(
                    () -> {
                        lookouts.add(EventLoops.lookout(loop));
                        EventLoops.whenRead(loop, () -> true, () -> note("third", isDone));
                    },
                    0,
                    TimeUnit.NANOSECONDS);
        });

        assertThat(isDone.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(acted).containsExactly("first", "second", "third");
        assertThat(lookouts.get(1)).isSameAs(lookouts.get(0));
        assertThat(lookouts.get(2)).isNotSameAs(lookouts.get(0));
    }

    @Test
    void waitsForItsTurnWhileAnotherHasTheTime() throws Exception {
        CountDownLatch isDone = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        onLoop(() -> new Lookout(loop, () -> true, () -> asked.incrementAndGet() > 3)
                .add(() -> true, () -> note("at last", isDone)));

        assertThat(isDone.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(asked).hasValue(4);
    }

    @Test
    void letsOthersHaveTheirTurnWhileManyAct() throws Exception {
        int waiting = 100;
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch isDone = new CountDownLatch(waiting);
        onLoop(() -> {
            Lookout lookout = new Lookout(loop, isRead::get, () -> true);
            for (int i = 0; i < waiting; i++) {
                lookout.add(() -> true, () -> {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                    isDone.countDown();
                });
            }
            isRead.set(true);
            countTurns(turns, isDone, waiting);
        });

        assertThat(isDone.await(20, TimeUnit.SECONDS)).isTrue();
        // Of 100 ms and more, each 10 ms.
        assertThat(turns.get()).isGreaterThanOrEqualTo(5);
    }

    private void countTurns(AtomicInteger turns, CountDownLatch isDone, int all) {
        boolean isInBetween = isDone.getCount() > 0 && isDone.getCount() < all;
        turns.addAndGet(isInBetween ? 1 : 0);
        if (isDone.getCount() > 0) {
            loop.schedule(() -> countTurns(turns, isDone, all), 0, TimeUnit.NANOSECONDS);
        }
    }

    private void note(String name, CountDownLatch isDone) {
        acted.add(name);
        isDone.countDown();
    }
}
