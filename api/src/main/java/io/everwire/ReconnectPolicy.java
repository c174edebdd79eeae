package io.everwire;

import java.time.Duration;

/**
 * How a client's session comes back.
 *
 * @param isEnabled whether a lost connection, or a failed first attempt, is followed by another attempt; default true
 * @param connectTimeout one deadline over a whole attempt (credentials, DNS, TCP, TLS, upgrade); default 5 s
 * @param readyTimeout the deadline of {@code onReady}; default 10 s
 * @param backoff the delays; default {@link Backoff#AUTO}
 * @param stableAfter failures are forgotten after a connection was ready and up for this long (or for the last delay, if that
 *     was longer); default 5 s
 * @param upgradesPerMinute the most upgrade requests a minute, as a token bucket that starts full; default 60
 * @param probesPerMinute the most TCP connects a minute, as a token bucket that starts full; default 300
 * @param failurePolicy what is hopeless and what is not; default {@link FailurePolicy#DEFAULT}
 */
public record ReconnectPolicy(
        boolean isEnabled,
        Duration connectTimeout,
        Duration readyTimeout,
        Backoff backoff,
        Duration stableAfter,
        int upgradesPerMinute,
        int probesPerMinute,
        FailurePolicy failurePolicy) {
    /** For ever, with the defaults that each component names. */
    public static final ReconnectPolicy DEFAULT = new ReconnectPolicy(
            true,
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Backoff.AUTO,
            Duration.ofSeconds(5),
            60,
            300,
            FailurePolicy.DEFAULT);

    /**
     * Checks the policy.
     *
     * @throws IllegalArgumentException when a time-out is not positive or a budget is below 1
     */
    public ReconnectPolicy {
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("readyTimeout", readyTimeout);
        if (stableAfter.isNegative()) {
            throw new IllegalArgumentException("stableAfter is " + stableAfter + "; it must not be negative");
        }
        if (upgradesPerMinute < 1 || probesPerMinute < 1) {
            throw new IllegalArgumentException("the budgets are " + upgradesPerMinute + " upgrades and "
                    + probesPerMinute + " probes a minute; each must be at least 1");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be longer than zero");
        }
    }

    /** Comes back for ever with full jitter for every class of failure. */
    public static ReconnectPolicy fleet() {
        return DEFAULT.withBackoff(Backoff.FLEET);
    }

    /** Never comes back: the first failure ends the session. */
    public static ReconnectPolicy never() {
        return new ReconnectPolicy(
                false,
                DEFAULT.connectTimeout,
                DEFAULT.readyTimeout,
                DEFAULT.backoff,
                DEFAULT.stableAfter,
                DEFAULT.upgradesPerMinute,
                DEFAULT.probesPerMinute,
                DEFAULT.failurePolicy);
    }

    /** Returns a copy with other delays. */
    public ReconnectPolicy withBackoff(Backoff other) {
        return new ReconnectPolicy(
                isEnabled,
                connectTimeout,
                readyTimeout,
                other,
                stableAfter,
                upgradesPerMinute,
                probesPerMinute,
                failurePolicy);
    }

    /** Returns a copy with other deadlines for an attempt and for {@code onReady}. */
    public ReconnectPolicy withTimeouts(Duration connect, Duration ready) {
        return new ReconnectPolicy(
                isEnabled, connect, ready, backoff, stableAfter, upgradesPerMinute, probesPerMinute, failurePolicy);
    }

    /** Returns a copy with other budgets, a minute. */
    public ReconnectPolicy withBudgets(int upgrades, int probes) {
        return new ReconnectPolicy(
                isEnabled, connectTimeout, readyTimeout, backoff, stableAfter, upgrades, probes, failurePolicy);
    }

    /** Returns a copy that forgets failures after this long. */
    public ReconnectPolicy withStableAfter(Duration uptime) {
        return new ReconnectPolicy(
                isEnabled,
                connectTimeout,
                readyTimeout,
                backoff,
                uptime,
                upgradesPerMinute,
                probesPerMinute,
                failurePolicy);
    }

    /** Returns a copy with another judgement of failures. */
    public ReconnectPolicy withFailurePolicy(FailurePolicy other) {
        return new ReconnectPolicy(
                isEnabled,
                connectTimeout,
                readyTimeout,
                backoff,
                stableAfter,
                upgradesPerMinute,
                probesPerMinute,
                other);
    }
}
