package io.everwire.session;

/**
 * How many control frames a peer may send: 100 a second, averaged over the last ten seconds. A burst of up to 1,000 is no flood;
 * 101 a second for ten seconds is.
 */
public final class ControlFrameBudget {
    private static final int SLOTS = 10;
    private static final int LIMIT = 100 * SLOTS;

    private final int[] counts = new int[SLOTS];
    private long slotNanos;
    private int slot;
    private int total;

    /** Starts with nothing counted. */
    public ControlFrameBudget(long nowNanos) {
        slotNanos = nowNanos;
    }

    /**
     * Counts one control frame of the peer.
     *
     * @return true when it is one too many: fail the connection with 1008
     */
    public boolean handleControlFrame(long nowNanos) {
        long slotsPassed = Math.max(0, (nowNanos - slotNanos) / Nanos.SECOND);
        for (long i = Math.min(slotsPassed, SLOTS); i > 0; i--) {
            slot = (slot + 1) % SLOTS;
            total -= counts[slot];
            counts[slot] = 0;
        }
        slotNanos += slotsPassed * Nanos.SECOND;
        if (total <= LIMIT) {
            // A count that is over the limit needs no further counting, and cannot overflow.
            counts[slot]++;
            total++;
        }
        return total > LIMIT;
    }
}
