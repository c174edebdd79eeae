package io.everwire.session;

/**
 * What all sessions of a process together may ask of one host: 20 upgrades and 200 probes a second by default, each as a token
 * bucket that starts full.
 *
 * <p>A claim reserves the next free place in time. A session holds at most one claim of each kind and claims again only after it
 * used or lost the last one, so places go round among the sessions that want one.
 */
public final class HostBudget {
    /** The upgrades a second that all sessions to a host share by default. */
    public static final int UPGRADES_PER_SECOND = 20;

    /** The probes a second that all sessions to a host share by default. */
    public static final int PROBES_PER_SECOND = 200;

    // Sessions to one host live on several event loops and share this budget, which is therefore the one object of this
    // module
    // that several threads use. The lock is held for a few instructions and never while other code runs.
    private final TokenBucket upgrades;
    private final TokenBucket probes;

    /**
     * Makes a full budget.
     *
     * @param upgradesPerSecond at least 1
     * @param probesPerSecond at least 1
     * @param nowNanos the present
     * @throws IllegalArgumentException when one of them is below 1
     */
    public HostBudget(int upgradesPerSecond, int probesPerSecond, long nowNanos) {
        if (upgradesPerSecond < 1 || probesPerSecond < 1) {
            throw new IllegalArgumentException("the host's budget is " + upgradesPerSecond + " upgrades and "
                    + probesPerSecond + " probes a second; each must be at least 1");
        }
        upgrades = new TokenBucket(upgradesPerSecond, Nanos.SECOND, nowNanos);
        probes = new TokenBucket(probesPerSecond, Nanos.SECOND, nowNanos);
    }

    /**
     * Claims one probe.
     *
     * @return when it may start: now or later
     */
    public synchronized long claimProbe(long nowNanos) {
        long at = probes.availableAt(nowNanos);
        probes.take(at);
        return at;
    }

    /**
     * Claims one upgrade, unless the wait is too long: a connection that waits for its upgrade must not be given up by the server
     * meanwhile, and a place that nobody uses in the end is lost for all.
     *
     * @param longestWaitNanos the longest acceptable wait
     * @param nowNanos the present
     * @return when it may start, now or later; {@link Engine#NO_DEADLINE} when nothing was claimed
     */
    public synchronized long claimUpgrade(long longestWaitNanos, long nowNanos) {
        long at = upgrades.availableAt(nowNanos);
        if (at - nowNanos > longestWaitNanos) {
            return Engine.NO_DEADLINE;
        }
        upgrades.take(at);
        return at;
    }
}
