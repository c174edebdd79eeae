package io.everwire.transport;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deadlines of all connections of one event loop: a hashed wheel, swept every 25 ms by one task. Re-arming is lazy: a
 * deadline that moves later costs nothing until its old slot comes up.
 *
 * <p>The sweep also notices when this process itself stood still (garbage collection, a suspended machine, no CPU), and tells
 * every connection so before it judges any peer.
 *
 * <p><b>Thread safety.</b> Used on its event loop only.
 */
final class Wheel {
    /**
     * The wheel's resolution; a deadline is handled at most this much late, unless more is due than there is time for. It is half of what
     * the engines allow for: a ping leaves 25 to 50 ms early, and the tick of the verdict on it is over before its bound is.
     */
    static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private static final Logger LOG = LoggerFactory.getLogger(Wheel.class);
    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CLOCK_JUMP_MILLIS = 1_000;
    private static final int SLOTS = 2_048;
    /**
     * For so long a sweep goes on before others have their turn; for longer when it is far behind. When thousands of peers fall silent at once, their verdicts take longer than a
     * tick; who reads meanwhile does not stand still.
     */
    static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long LONGEST_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Of all time, telling everybody of stalls may take one part in so many. */
    private static final int TELLING = 20;

    private final EventLoop loop;
    private final Entry[] slots = new Entry[SLOTS];
    private final Runnable sweep = this::sweep;
    private final long originNanos = RealClock.nanos();
    private long sweptTick;
    /** When the next sweep begins or goes on. */
    private long expectedNanos;

    private long wallMinusMonotonicMillis;
    private long lateNanos;
    private long toldNanos;
    private long tellingNanos;
    private int size;
    private boolean isRunning;
    /** Whether the next sweep is the rest of one. */
    private boolean isContinued;

    Wheel(EventLoop loop) {
        this.loop = loop;
        for (int i = 0; i < SLOTS; i++) {
            Entry head = new Entry() {
                @Override
                void handleTick(long nowNanos, long stallNanos) {}
            };
            head.previous = head;
            head.next = head;
            slots[i] = head;
        }
    }

    /**
     * Something with a deadline. Intrusive, so that arming allocates nothing; and a handler of a channel, because the entries of which
     * there are many are the connections.
     */
    abstract static class Entry extends ChannelInboundHandlerAdapter {
        private @Nullable Entry previous;
        private @Nullable Entry next;
        /** When it comes up, in ticks; wraps round after three years, and is compared by subtraction. */
        private int tick;

        private boolean isListed() {
            return next != null;
        }

        /**
         * Handles a deadline that may have come; the entry is no longer listed and arms itself again.
         *
         * @param stallNanos how long this process stood still just now, 0 when it did not
         */
        abstract void handleTick(long nowNanos, long stallNanos);
    }

    /** Lists the entry so that it is handled at most one tick after the deadline; earlier than needed is possible. */
    void arm(Entry entry, long deadlineNanos) {
        if (!isRunning) {
            start();
        }
        long due = Math.max(sweptTick + 1, ceilToTick(deadlineNanos));
        // A deadline beyond the wheel's horizon is looked at once a turn and listed anew.
        due = Math.min(due, sweptTick + SLOTS - 1);
        if (entry.isListed()) {
            if (entry.tick - (int) due <= 0) {
                return;
            }
            unlink(entry);
        }
        entry.tick = (int) due;
        link(slots[(int) (due % SLOTS)], entry);
        size++;
    }

    /** Forgets the entry. */
    void disarm(Entry entry) {
        if (entry.isListed()) {
            unlink(entry);
        }
    }

    /** Returns how late the deadlines are that are next, or the last sweep was; 0 while nothing is listed. */
    long lagNanos(long nowNanos) {
        return isRunning ? Math.max(lateNanos, nowNanos - nextTickNanos()) : 0;
    }

    /** Returns for how long this event loop has done nothing for anybody before the present sweep, beyond what was to be expected. */
    long lateNanos() {
        return lateNanos;
    }

    private long nextTickNanos() {
        return originNanos + (sweptTick + 1) * TICK_NANOS;
    }

    private long ceilToTick(long nanos) {
        return (nanos - originNanos + TICK_NANOS - 1) / TICK_NANOS;
    }

    private void start() {
        isRunning = true;
        lateNanos = 0;
        long now = RealClock.nanos();
        sweptTick = (now - originNanos) / TICK_NANOS;
        wallMinusMonotonicMillis = wallMinusMonotonic(now);
        scheduleNext(now);
    }

    private void scheduleNext(long now) {
        scheduleAt(nextTickNanos(), now);
    }

    /** A task that is due at once is run when others have been read. */
    private void scheduleAt(long nanos, long now) {
        expectedNanos = nanos;
        loop.schedule(sweep, Math.max(0, nanos - now), TimeUnit.NANOSECONDS);
    }

    private void sweep() {
        long now = RealClock.nanos();
        long stall = measureStall(now);
        if (stall > 0 && mayTell(now, stall)) {
            tellAll(now, stall);
            toldNanos = now;
            tellingNanos = RealClock.nanos() - now;
        }
        long target = (now - originNanos) / TICK_NANOS;
        // After a stall longer than one turn every slot is visited once.
        sweptTick = Math.max(sweptTick, target - SLOTS);
        long endNanos = RealClock.nanos() + sliceNanos(now);
        boolean isInTime = true;
        while (isInTime && sweptTick < target) {
            sweptTick++;
            isInTime = sweepSlot(slots[(int) (sweptTick % SLOTS)], sweptTick, now, endNanos);
        }
        isContinued = !isInTime;
        if (isContinued) {
            // The rest of this slot comes next. What the last entry took too long is a stall like any other.
            sweptTick--;
            scheduleAt(endNanos, endNanos);
        } else if (size == 0) {
            isRunning = false;
        } else {
            scheduleNext(now);
        }
    }

    private long sliceNanos(long now) {
        return Math.min(LONGEST_SLICE_NANOS, Math.max(SLICE_NANOS, (now - nextTickNanos()) / 8));
    }

    /**
     * A wheel with a million entries needs a second to tell all of them, which makes the next sweep late, and would be told, too, and so
     * on for ever. What is longer than the last telling can have caused is always told; so is, from time to time, what is not.
     */
    private boolean mayTell(long now, long stall) {
        return stall > 2 * tellingNanos + STALL_NANOS || now - toldNanos >= TELLING * tellingNanos;
    }

    /** Tells the stall to every entry, wherever it is listed, before any deadline is judged. */
    @SuppressWarnings("ReferenceEquality") // A walk ends where it began.
    private void tellAll(long now, long stall) {
        List<Entry> listed = new ArrayList<>(size);
        for (Entry head : slots) {
            for (Entry entry = next(head); entry != head; entry = next(entry)) {
                listed.add(entry);
            }
        }
        for (Entry entry : listed) {
            if (entry.isListed()) {
                unlink(entry);
                handle(entry, now, stall);
            }
        }
    }

    /** Handles what is due in a slot; returns false when the time is up before its end. */
    @SuppressWarnings("ReferenceEquality") // A walk ends where it began.
    private boolean sweepSlot(Entry head, long tick, long now, long endNanos) {
        Entry entry = next(head);
        while (entry != head) {
            if (entry.tick - (int) tick > 0) {
                entry = next(entry);
                continue;
            }
            if (RealClock.nanos() - endNanos > 0) {
                return false;
            }
            unlink(entry);
            handle(entry, now, 0);
            // A callback may have unlinked the neighbor, so the walk begins again; handled entries are listed later
            // than now.
            entry = next(head);
        }
        return true;
    }

    /** What one connection throws must not stop the deadlines of all the others. */
    private static void handle(Entry entry, long now, long stall) {
        try {
            entry.handleTick(now, stall);
        } catch (Throwable e) {
            LOG.error("a deadline could not be handled; its connection is watched no more", e);
        }
    }

    private long measureStall(long now) {
        long late = now - expectedNanos;
        // What was late at the beginning of a sweep holds for all that it handles.
        lateNanos = isContinued ? Math.max(lateNanos, late) : late;
        long offset = wallMinusMonotonic(now);
        long jump = TimeUnit.MILLISECONDS.toNanos(Math.abs(offset - wallMinusMonotonicMillis));
        wallMinusMonotonicMillis = offset;
        if (jump > TimeUnit.MILLISECONDS.toNanos(CLOCK_JUMP_MILLIS)) {
            return Math.max(jump, late);
        }
        return late > STALL_NANOS ? late : 0;
    }

    private static long wallMinusMonotonic(long nowNanos) {
        return RealClock.epochMillis() - TimeUnit.NANOSECONDS.toMillis(nowNanos);
    }

    private static Entry next(Entry entry) {
        Entry next = entry.next;
        if (next == null) {
            throw new AssertionError("a listed entry has neighbors");
        }
        return next;
    }

    private static void link(Entry head, Entry entry) {
        Entry last = head.previous;
        entry.previous = last;
        entry.next = head;
        if (last != null) {
            last.next = entry;
        }
        head.previous = entry;
    }

    private void unlink(Entry entry) {
        Entry before = entry.previous;
        Entry after = entry.next;
        if (before != null && after != null) {
            before.next = after;
            after.previous = before;
        }
        entry.previous = null;
        entry.next = null;
        size--;
    }
}
