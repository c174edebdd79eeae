package io.everwire.session;

/**
 * Whether a server has been late for a while, by one measure: the smoothed lateness of the requests that it meets. A pause of a moment,
 * after which the queue is gone at once, is no strain; nor is one slow request among quick ones.
 */
final class Strain {
    /** For less than this it is a pause. */
    static final long LASTING = Nanos.SECOND / 2;

    /** What one measurement weighs against those before. */
    private static final int WEIGHT = 16;

    /** When nobody came for this long, what was measured before says nothing any more. */
    private static final long FORGOTTEN = Nanos.SECOND;

    private final long most;
    private long smoothedDelay;
    private long lastNanos;
    private boolean isLate;
    private long lateSinceNanos;

    /**
     * Makes one that is at ease.
     *
     * @param most the lateness to be borne; {@link Nanos#OFF} for any
     */
    Strain(long most, long now) {
        this.most = most;
        lastNanos = now;
    }

    /** Takes how late a request is handled. */
    void measure(long lateness, long now) {
        if (now - lastNanos > FORGOTTEN) {
            smoothedDelay = 0;
            isLate = false;
        }
        lastNanos = now;
        smoothedDelay += (Math.max(0, lateness) - smoothedDelay) / WEIGHT;
        if (!isLate && smoothedDelay > most) {
            isLate = true;
            lateSinceNanos = now;
        } else if (isLate && smoothedDelay <= most / 2) {
            // Not at the very bound: letting in and sending away would alternate there.
            isLate = false;
        }
    }

    /** Returns whether the lateness has lasted. */
    boolean isHigh(long now) {
        return most != Nanos.OFF && isLate && now - lateSinceNanos >= LASTING;
    }

    /** Returns whether it has lasted and is half as much again as is to be borne. */
    boolean isSevere(long now) {
        return isHigh(now) && smoothedDelay > most + most / 2;
    }

    /** Returns whether one request has waited twice as long as is to be borne. */
    boolean isTwice(long lateness) {
        return most != Nanos.OFF && lateness > 2 * most;
    }

    long smoothedDelay() {
        return smoothedDelay;
    }
}
