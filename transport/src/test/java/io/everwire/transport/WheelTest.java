package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WheelTest {
    private static final long TICK = Wheel.TICK_NANOS;

    @AutoClose
    private final EventLoops loops = EventLoops.create(1);

    private final EventLoop loop = loops.next();
    private final Wheel wheel = loops.commonsOf(loop).wheel;
    private final BlockingQueue<Timed> handled = new LinkedBlockingQueue<>();

    /** Notes when it was handled. */
    private final class Timed extends Wheel.Entry {
        private final long dueNanos;
        private long handledNanos;

        Timed(long dueNanos) {
            this.dueNanos = dueNanos;
        }

        @Override
        void handleTick(long nowNanos, long stallNanos) {
            if (nowNanos < dueNanos) {
                // A stall of this machine is told to everyone; the deadline is still to come.
                wheel.arm(this, dueNanos);
                return;
            }
            handledNanos = nowNanos;
            handled.add(this);
        }
    }

    private void onLoop(Runnable task) throws Exception {
        loop.submit(task).get(20, TimeUnit.SECONDS);
    }

    private Timed next() throws InterruptedException {
        Timed next = handled.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("a handled entry").isNotNull();
        return next;
    }

    @Test
    void handlesEachEntryOnceAndNeverEarlyInTheOrderOfTheirTicks() throws Exception {
        long now = RealClock.nanos();
        List<Timed> entries = new ArrayList<>();
        onLoop(() -> {
            for (int i = 10; i >= 1; i--) {
                Timed entry = new Timed(now + i * TICK);
                entries.add(0, entry);
                wheel.arm(entry, entry.dueNanos);
            }
        });
        for (int i = 0; i < 10; i++) {
            Timed entry = next();
            assertThat(entry.handledNanos).isGreaterThanOrEqualTo(entry.dueNanos);
        }
        assertThat(entries).doesNotHaveDuplicates();
        assertThat(handled).isEmpty();
    }

    @Test
    void handlesADeadlineThatHasPassedAtTheNextTick() throws Exception {
        Timed late = new Timed(RealClock.nanos() - 1_000 * TICK);
        onLoop(() -> wheel.arm(late, late.dueNanos));

        assertThat(next()).isSameAs(late);
    }

    @Test
    void forgetsWhatIsDisarmed() throws Exception {
        Timed forgotten = new Timed(RealClock.nanos() + TICK);
        Timed kept = new Timed(RealClock.nanos() + 3 * TICK);
        onLoop(() -> {
            wheel.arm(forgotten, forgotten.dueNanos);
            wheel.arm(kept, kept.dueNanos);
            wheel.disarm(forgotten);
            wheel.disarm(forgotten);
        });

        assertThat(next()).isSameAs(kept);
        assertThat(handled).isEmpty();
    }

    @Test
    void movesADeadlineThatComesEarlier() throws Exception {
        long now = RealClock.nanos();
        Timed entry = new Timed(now + 2 * TICK);
        onLoop(() -> {
            wheel.arm(entry, now + 10_000 * TICK);
            wheel.arm(entry, entry.dueNanos);
        });

        assertThat(next()).isSameAs(entry);
    }

    @Test
    void startsAgainAfterItHadNothingToDo() throws Exception {
        for (int round = 0; round < 3; round++) {
            Timed entry = new Timed(RealClock.nanos() + TICK);
            onLoop(() -> wheel.arm(entry, entry.dueNanos));
            assertThat(next()).isSameAs(entry);
        }
    }

    @Test
    void lookAtADeadlineBeyondItsHorizonOnlyOnceATurn() throws Exception {
        Timed far = new Timed(Long.MAX_VALUE);
        Timed near = new Timed(RealClock.nanos() + TICK);
        onLoop(() -> {
            wheel.arm(far, far.dueNanos);
            wheel.arm(near, near.dueNanos);
        });

        assertThat(next()).isSameAs(near);
        onLoop(() -> wheel.disarm(far));
    }

    /** To be told takes these entries longer than a sweep may be late: told of that, too, they would be told for ever. */
    @Test
    void doesNotTakeItsOwnTellingForAStall() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch spared = new CountDownLatch(1);
        class Slow extends Wheel.Entry {
            @Override
            void handleTick(long nowNanos, long stallNanos) {
                if (stallNanos > 0) {
                    told.countDown();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                } else if (told.getCount() == 0) {
                    spared.countDown();
                }
                if (spared.getCount() > 0) {
                    wheel.arm(this, nowNanos + TICK);
                }
            }
        }
        onLoop(() -> {
            for (int i = 0; i < 5; i++) {
                wheel.arm(new Slow(), RealClock.nanos() + TICK);
            }
            long begun = RealClock.nanos();
            while (RealClock.nanos() - begun < TimeUnit.MILLISECONDS.toNanos(250)) {
                LockSupport.parkNanos(TICK);
            }
        });
        assertThat(told.await(20, TimeUnit.SECONDS)).as("a stall is told").isTrue();
        assertThat(spared.await(20, TimeUnit.SECONDS))
                .as("a sweep tells nobody")
                .isTrue();
    }

    @Test
    void goesOnWhenAnEntryThrows() throws Exception {
        onLoop(() -> wheel.arm(
                new Wheel.Entry() {
                    @Override
                    void handleTick(long nowNanos, long stallNanos) {
                        throw new IllegalStateException("one connection's misfortune");
                    }
                },
                RealClock.nanos()));
        Timed other = new Timed(RealClock.nanos() + 2 * TICK);
        onLoop(() -> wheel.arm(other, other.dueNanos));

        assertThat(next()).isSameAs(other);
    }

    @Test
    void letsOthersHaveTheirTurnWhileMuchIsDue() throws Exception {
        int entries = 300;
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch isDone = new CountDownLatch(entries);
        onLoop(() -> {
            long due = RealClock.nanos();
            for (int i = 0; i < entries; i++) {
                wheel.arm(new Busy(isDone), due);
            }
            countTurns(turns, isDone, entries);
        });

        assertThat(isDone.await(60, TimeUnit.SECONDS)).isTrue();
        // 50 ms at most are 50 entries at most.
        assertThat(turns.get()).isGreaterThanOrEqualTo(entries / 50);
    }

    private void countTurns(AtomicInteger turns, CountDownLatch isDone, int entries) {
        boolean isInBetween = isDone.getCount() > 0 && isDone.getCount() < entries;
        turns.addAndGet(isInBetween ? 1 : 0);
        if (isDone.getCount() > 0) {
            loop.schedule(() -> countTurns(turns, isDone, entries), 0, TimeUnit.NANOSECONDS);
        }
    }

    /** Takes a millisecond, once. */
    private final class Busy extends Wheel.Entry {
        private final CountDownLatch isDone;

        Busy(CountDownLatch isDone) {
            this.isDone = isDone;
        }

        @Override
        void handleTick(long nowNanos, long stallNanos) {
            if (stallNanos > 0) {
                // This machine stood still; everybody is told so at once.
                wheel.arm(this, nowNanos);
                return;
            }
            long begin = RealClock.nanos();
            while (RealClock.nanos() - begin < TimeUnit.MILLISECONDS.toNanos(1)) {
                Thread.onSpinWait();
            }
            isDone.countDown();
        }
    }

    @Test
    void tellsAStallOfThisProcessToEverybodyFirst() throws Exception {
        BlockingQueue<Long> stalls = new LinkedBlockingQueue<>();
        Wheel.Entry entry = new Wheel.Entry() {
            @Override
            void handleTick(long nowNanos, long stallNanos) {
                stalls.add(stallNanos);
            }
        };
        onLoop(() -> {
            long begin = RealClock.nanos();
            wheel.arm(entry, begin + TimeUnit.HOURS.toNanos(1));
            while (RealClock.nanos() - begin < TimeUnit.MILLISECONDS.toNanos(250)) {
                Thread.onSpinWait();
            }
        });

        assertThat(stalls.poll(20, TimeUnit.SECONDS)).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(100));
    }
}
