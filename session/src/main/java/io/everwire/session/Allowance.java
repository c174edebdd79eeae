package io.everwire.session;

/**
 * What a session may still ask for: its own budgets and its claims on the host's. Nothing is dialed and nothing upgraded without
 * coming by here.
 */
final class Allowance {
    private static final long MINUTE = 60 * Nanos.SECOND;

    private final TokenBucket upgrades;
    private final TokenBucket probes;
    private final HostBudget host;
    private long upgradeClaimNanos = Engine.NO_DEADLINE;
    private long probeClaimNanos = Engine.NO_DEADLINE;

    Allowance(int upgradesPerMinute, int probesPerMinute, HostBudget host, long now) {
        upgrades = new TokenBucket(upgradesPerMinute, MINUTE, now);
        probes = new TokenBucket(probesPerMinute, MINUTE, now);
        this.host = host;
    }

    /** Returns when the session's own budgets allow a whole attempt: now or later. */
    long attemptAt(long now) {
        return Nanos.later(upgrades.availableAt(now), probes.availableAt(now));
    }

    /** Returns when a probe may start, now or later; ask again then. */
    long probeAt(long now) {
        long own = probes.availableAt(now);
        if (own - now > 0) {
            return own;
        }
        if (probeClaimNanos == Engine.NO_DEADLINE) {
            probeClaimNanos = host.claimProbe(now);
        }
        return Nanos.later(probeClaimNanos, now);
    }

    void useProbe(long now) {
        probes.take(now);
        probeClaimNanos = Engine.NO_DEADLINE;
    }

    /** Returns when an upgrade may start, now or later, ask again then; no deadline when that is too long to wait. */
    long upgradeAt(long longestWait, long now) {
        long own = upgrades.availableAt(now);
        if (own - now > longestWait) {
            return Engine.NO_DEADLINE;
        }
        if (own - now > 0) {
            return own;
        }
        if (upgradeClaimNanos == Engine.NO_DEADLINE) {
            upgradeClaimNanos = host.claimUpgrade(longestWait, now);
        }
        return upgradeClaimNanos == Engine.NO_DEADLINE ? upgradeClaimNanos : Nanos.later(upgradeClaimNanos, now);
    }

    void useUpgrade(long now) {
        upgrades.take(now);
        upgradeClaimNanos = Engine.NO_DEADLINE;
    }

    /** Gives up what was claimed and not used: the place is gone, for a late use would crowd later places. */
    void forfeit() {
        upgradeClaimNanos = Engine.NO_DEADLINE;
        probeClaimNanos = Engine.NO_DEADLINE;
    }
}
