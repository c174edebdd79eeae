package io.everwire.session;

/**
 * A budget of so many uses a period, which starts full and refills evenly. Kept as one instant (the generic cell rate algorithm),
 * so that a use can also be reserved for later.
 */
final class TokenBucket {
    private final long spacing;
    private final long tolerance;

    /** When the bucket would be full again. */
    private long fullNanos;

    /**
     * Makes a full bucket.
     *
     * @param uses what it holds, and what flows in per period; at least 1
     * @param periodNanos the period
     * @param now the present
     */
    TokenBucket(int uses, long periodNanos, long now) {
        spacing = periodNanos / uses;
        tolerance = spacing * (uses - 1);
        fullNanos = now;
    }

    /** Returns when the next use is allowed: now, or later. */
    long availableAt(long now) {
        return Nanos.later(now, fullNanos - tolerance);
    }

    /** Uses one up at an instant at which it is available. */
    void take(long at) {
        fullNanos = Nanos.later(fullNanos, at) + spacing;
    }
}
