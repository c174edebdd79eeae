package io.everwire.session;

/**
 * A token bucket whose rate may change while it is in use. It starts full, and part of it is kept for those who come when they were told
 * to.
 */
final class Tokens {
    private double held;
    private long filledNanos;

    Tokens(double most, long now) {
        held = most;
        filledNanos = now;
    }

    /**
     * Takes one if there is one.
     *
     * @param left how many must be left for others
     * @param perSecond how many have flowed in since the last time
     * @param most how many the bucket holds
     */
    boolean take(double left, double perSecond, double most, long now) {
        held = Math.min(most, held + perSecond * (now - filledNanos) / Nanos.SECOND);
        filledNanos = now;
        if (held < left + 1) {
            return false;
        }
        held--;
        return true;
    }
}
