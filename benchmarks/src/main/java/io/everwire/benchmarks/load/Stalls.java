package io.everwire.benchmarks.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Measures for how long a process gets no core, or stands still: a thread that wants to run every 5 ms. */
public final class Stalls {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final AtomicLong worstNanos = new AtomicLong();

    private Stalls() {}

    /** Begins to measure. */
    public static Stalls watch() {
        Stalls stalls = new Stalls();
        Thread watching = new Thread(stalls::run, "stalls");
        watching.setDaemon(true);
        watching.start();
        return stalls;
    }

    private void run() {
        for (long last = System.nanoTime(); !Thread.currentThread().isInterrupted(); ) {
            LockSupport.parkNanos(PERIOD_NANOS);
            long now = System.nanoTime();
            worstNanos.accumulateAndGet(now - last - PERIOD_NANOS, Math::max);
            last = now;
        }
    }

    /** Forgets what was measured. */
    public void forget() {
        worstNanos.set(0);
    }

    /** Returns the longest stall so far, in milliseconds. */
    public long worstMillis() {
        return TimeUnit.NANOSECONDS.toMillis(worstNanos.get());
    }
}
