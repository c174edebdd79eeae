package io.everwire.transport;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who wait on one event loop until everything has been read that was readable when they asked, all in the same turn: when thousands
 * of peers fall silent at once, one task looks for all whose verdict is due.
 *
 * <p><b>Thread safety.</b> Used on its event loop only.
 */
final class Lookout implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);
    private static final long FIRST_LOOK_MILLIS = 1;
    /** Thousands may wait, and must not keep the loop from what they wait for. */
    private static final long LAST_LOOK_MILLIS = 256;

    private final EventLoop loop;
    private final BooleanSupplier isRead;
    private final BooleanSupplier takesSlice;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(1);
    private long millis = FIRST_LOOK_MILLIS;

    private record Waiting(BooleanSupplier isWanted, Runnable action) {}

    /**
     * Begins to wait, with nobody.
     *
     * @param isRead becomes true, and stays so, when everything has been read that was readable at this moment
     * @param takesSlice asked before anybody acts: whether this may have some of the loop's present turn
     */
    Lookout(EventLoop loop, BooleanSupplier isRead, BooleanSupplier takesSlice) {
        this.loop = loop;
        this.isRead = isRead;
        this.takesSlice = takesSlice;
        lookIn(millis);
    }

    /** Adds one who asks in the turn in which this was made. */
    void add(BooleanSupplier isWanted, Runnable action) {
        waiting.add(new Waiting(isWanted, action));
    }

    private void lookIn(long delayMillis) {
        loop.schedule(this, delayMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        if (isRead.getAsBoolean()) {
            if (takesSlice.getAsBoolean()) {
                actForATime();
            } else {
                lookIn(0);
            }
            return;
        }
        waiting.removeIf(one -> !one.isWanted().getAsBoolean());
        if (!waiting.isEmpty()) {
            millis = Math.min(2 * millis, LAST_LOOK_MILLIS);
            lookIn(millis);
        }
    }

    /** As a sweep of the wheel does: whoever has much to do lets others be read in between. */
    private void actForATime() {
        long endNanos = RealClock.nanos() + Wheel.SLICE_NANOS;
        for (Waiting one = waiting.pollFirst(); one != null; one = waiting.pollFirst()) {
            act(one);
            if (!waiting.isEmpty() && RealClock.nanos() - endNanos > 0) {
                lookIn(0);
                return;
            }
        }
    }

    private static void act(Waiting one) {
        try {
            if (one.isWanted().getAsBoolean()) {
                one.action().run();
            }
        } catch (Throwable e) {
            LOG.error("what waited until others had been read has failed", e);
        }
    }
}
