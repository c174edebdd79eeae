package io.everwire.session;

/** The smoothed round trip of a connection's pings and its deviation, as RFC 6298 §2 computes them. */
final class RoundTrip {
    static final long UNKNOWN = -1;

    /** RFC 6298 §2: "RTO <- SRTT + max (G, K*RTTVAR)"; G also covers what a busy peer adds to a fast network. */
    private static final long GRANULARITY = 4 * Nanos.TICK;

    private static final long ABSURD = 3_600 * Nanos.SECOND;

    private long smoothed = UNKNOWN;
    private long variation;
    private long last = UNKNOWN;

    RoundTrip() {}

    /** Adds a measurement, unless it is absurd: the send time in a pong is the peer's word. */
    void add(long sample) {
        if (sample < 0 || sample > ABSURD) {
            return;
        }
        last = sample;
        if (smoothed == UNKNOWN) {
            smoothed = sample;
            variation = sample / 2;
        } else {
            variation += (Math.abs(smoothed - sample) - variation) / 4;
            smoothed += (sample - smoothed) / 8;
        }
    }

    /** Returns after how long an unanswered ping is overdue; {@code unmeasured} before the first pong. */
    long overdueAfter(long unmeasured) {
        return smoothed == UNKNOWN ? unmeasured : smoothed + Math.max(GRANULARITY, 4 * variation);
    }

    /** Returns the smoothed round trip, or {@link #UNKNOWN}. */
    long smoothed() {
        return smoothed;
    }

    /** Returns the last sample, or {@link #UNKNOWN}. */
    long last() {
        return last;
    }
}
