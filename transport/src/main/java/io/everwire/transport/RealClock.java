package io.everwire.transport;

/** The one class that reads the real clocks; everything else is given the time. */
public final class RealClock {
    private RealClock() {}

    /** Returns the monotonic clock in nanoseconds, from an arbitrary origin; it stands still while the machine sleeps. */
    public static long nanos() {
        return System.nanoTime();
    }

    /** Returns the wall clock in milliseconds since the Unix epoch; it may step. */
    public static long epochMillis() {
        return System.currentTimeMillis();
    }
}
