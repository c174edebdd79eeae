package io.everwire.faults;

/**
 * When TCP sends again what was not acknowledged, as Linux does it on a short way.
 *
 * <p>A cut cable that is mended is of no use before the next of these instants, and this is what makes an honest
 * blackhole: the longer it lasted, the longer the first byte takes afterwards.
 */
public enum Retransmission {
    /**
     * Bytes and FIN of an open connection: 0.2, 0.6, 1.4, 3.0, 6.2, 12.6, 25.4, 51.0, 102.2, 204.6 s after they were sent,
     * then every 120 s. The first timeout is Linux's least (RFC 6298 §2.4 would have a second), doubled each time (§5.5).
     */
    OPEN(200, 0, 120_000),

    /**
     * The SYN of a connection that is being opened: 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 s after the first one, and so on.
     * Linux doubles the timeout only after four more of the first length.
     */
    OPENING(1_000, 4, 120_000);

    private static final long MILLI = 1_000_000L;

    private final long firstTimeoutNanos;
    private final int linearTimeouts;
    private final long longestTimeoutNanos;

    Retransmission(long firstTimeoutMillis, int linearTimeouts, long longestTimeoutMillis) {
        this.firstTimeoutNanos = firstTimeoutMillis * MILLI;
        this.linearTimeouts = linearTimeouts;
        this.longestTimeoutNanos = longestTimeoutMillis * MILLI;
    }

    /**
     * The first instant of sending again that is not before the given one.
     *
     * @param sentNanos when it was sent for the first time
     * @param earliestNanos when it can get through again
     * @return that instant, on the same clock
     */
    public long firstAtOrAfter(long sentNanos, long earliestNanos) {
        long wantedNanos = earliestNanos - sentNanos;
        long afterNanos = firstTimeoutNanos;
        long timeoutNanos = firstTimeoutNanos;
        for (int sent = 1; afterNanos < wantedNanos; sent++) {
            if (timeoutNanos == longestTimeoutNanos) {
                long rounds = (wantedNanos - afterNanos + timeoutNanos - 1) / timeoutNanos;
                return sentNanos + afterNanos + rounds * timeoutNanos;
            }
            if (sent > linearTimeouts) {
                timeoutNanos = Math.min(2 * timeoutNanos, longestTimeoutNanos);
            }
            afterNanos += timeoutNanos;
        }
        return sentNanos + afterNanos;
    }
}
