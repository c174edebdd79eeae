package io.everwire.session;

/**
 * How many opening handshakes a second a server can complete, as far as it is known. What was done can be done, so it rises at once;
 * it falls by halves, and only by what was done under strain, for a server with little to do proves nothing, and one that has just
 * started is slow at first.
 */
final class Capacity {
    /** What a server is believed to manage before it has shown more or less. */
    static final int ASSUMED = 2_000;

    /** Sending a client away is this part of the work of letting it in: it is accepted, read and answered all the same. */
    static final double REFUSAL = 0.25;

    private static final int LEAST = 10;
    private static final long WINDOW = Nanos.SECOND / 2;

    private final int most;
    private int perSecond;
    private int recentPerSecond;
    private long windowBeginNanos;
    private int completed;
    private int refused;
    private boolean isStrainedThroughout;
    private boolean isMeasured;

    /**
     * Begins with what is allowed, or assumed.
     *
     * @param allowed the most a second; 0 when only the server itself sets the limit
     */
    Capacity(int allowed, long now) {
        most = allowed == 0 ? Integer.MAX_VALUE : allowed;
        perSecond = allowed == 0 ? ASSUMED : allowed;
        windowBeginNanos = now;
    }

    /** An opening handshake was completed. */
    void handleCompleted(long now) {
        roll(now);
        completed++;
    }

    /** A client was sent away. */
    void handleRefused() {
        refused++;
    }

    /** Takes whether the server is under strain. */
    void handleStrain(boolean isHigh, long now) {
        roll(now);
        isStrainedThroughout &= isHigh;
        isMeasured = true;
    }

    private void roll(long now) {
        long lasted = now - windowBeginNanos;
        if (lasted < WINDOW) {
            return;
        }
        boolean isStrained = isMeasured && isStrainedThroughout;
        double work = completed + (isStrained ? REFUSAL * refused : 0);
        int rate = (int) Math.min(most, work * Nanos.SECOND / lasted);
        if (refused <= completed / 4) {
            recentPerSecond = rate;
        }
        if (rate > perSecond) {
            perSecond = rate;
        } else if (isStrained && lasted < 2 * WINDOW) {
            perSecond = Math.max(Math.min(LEAST, most), (perSecond + rate) / 2);
        }
        windowBeginNanos = now;
        completed = 0;
        refused = 0;
        isStrainedThroughout = true;
        isMeasured = false;
    }

    /** Returns what was done when last hardly anybody was sent away: of a server that is late, what it can do at present. */
    int recentPerSecond() {
        return recentPerSecond;
    }

    int perSecond() {
        return perSecond;
    }
}
