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
    /** For so long a server that quickens is believed to go on so: compilers are done some time. */
    private static final long FORESIGHT = 4 * Nanos.SECOND;

    private final int most;
    private int perSecond;
    private int recentPerSecond;
    private int lastRate;
    /** By how much that rate grows in a second, smoothed; below 0 when it falls. */
    private int growth;

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
        growth = (int) ((growth + (rate - lastRate) * Nanos.SECOND / lasted) / 2);
        lastRate = rate;
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

    /**
     * Returns how long it takes to let in so many at the speed of when last hardly anybody was sent away: of a server that is late, what it
     * can do at present. One that has just started quickens, and is believed to go on so.
     */
    long nanosFor(int count) {
        double speed = Math.max(1, recentPerSecond);
        double quickening = Math.max(0, growth);
        // count = speed · t + quickening · t² / 2, solved in the form that does not divide by what may be 0.
        double seconds = 2 * count / (speed + Math.sqrt(speed * speed + 2 * quickening * count));
        return (long) (seconds * Nanos.SECOND);
    }

    /** Returns how many a second it may be believed to manage after a while, if it quickens as it did. */
    int perSecondAfter(long nanos) {
        double quickened = (double) Math.max(0, growth) * Math.min(nanos, FORESIGHT) / Nanos.SECOND;
        return (int) Math.min(most, perSecond + quickened);
    }

    int perSecond() {
        return perSecond;
    }
}
