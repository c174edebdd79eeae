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
    private long upgradeClaim = Engine.NO_DEADLINE;
    private long probeClaim = Engine.NO_DEADLINE;

    Allowance(int upgradesPerMinute, int probesPerMinute, HostBudget host, long now) {
        upgrades = new TokenBucket(upgradesPerMinute, MINUTE, now);
        probes = new TokenBucket(probesPerMinute, MINUTE, now);
        this.host = host;
    }

    Allowance(Allowance other, HostBudget host) {
        upgrades = new TokenBucket(other.upgrades);
        probes = new TokenBucket(other.probes);
        this.host = host;
        upgradeClaim = other.upgradeClaim;
        probeClaim = other.probeClaim;
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
        if (probeClaim == Engine.NO_DEADLINE) {
            probeClaim = host.claimProbe(now);
        }
        return Nanos.later(probeClaim, now);
    }

    void useProbe(long now) {
        probes.take(now);
        probeClaim = Engine.NO_DEADLINE;
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
        if (upgradeClaim == Engine.NO_DEADLINE) {
            upgradeClaim = host.claimUpgrade(longestWait, now);
        }
        return upgradeClaim == Engine.NO_DEADLINE ? upgradeClaim : Nanos.later(upgradeClaim, now);
    }

    void useUpgrade(long now) {
        upgrades.take(now);
        upgradeClaim = Engine.NO_DEADLINE;
    }

    /** Gives up what was claimed and not used: the place is gone, for a late use would crowd later places. */
    void forfeit() {
        upgradeClaim = Engine.NO_DEADLINE;
        probeClaim = Engine.NO_DEADLINE;
    }

    String fingerprint(long now) {
        return upgrades.missingNanos(now) + "/" + probes.missingNanos(now) + '/' + relative(upgradeClaim, now) + '/'
                + relative(probeClaim, now) + '/' + host.missingNanos(now);
    }

    private static long relative(long claim, long now) {
        return claim == Engine.NO_DEADLINE ? claim : Math.max(0, claim - now);
    }
}
