package io.everwire.session;

import io.everwire.CloseCode;
import io.everwire.Failure;
import io.everwire.RetryClass;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of the failures since the session was last stable: age, counters, the last failure, and whether fresh
 * credentials were already asked for. Forgotten only as a whole, by {@link #forget}.
 */
final class Outage {
    /** What was done about refused credentials. */
    enum Refresh {
        /** Nothing yet: fresh ones may be asked for once. */
        ALLOWED,
        /** The next request asks for fresh ones. */
        DUE,
        /** Fresh ones were supplied; when they are refused too, that is the end. */
        SPENT
    }

    private final int[] failures = new int[RetryClass.values().length];
    private long startNanos;
    private long attempts;
    private int tryLater;
    private long lastDelayNanos;
    private @Nullable Failure lastFailure;
    private @Nullable RetryClass lastClass;
    private Refresh refresh = Refresh.ALLOWED;

    Outage(long now) {
        startNanos = now;
    }

    Outage(Outage other) {
        System.arraycopy(other.failures, 0, failures, 0, failures.length);
        startNanos = other.startNanos;
        attempts = other.attempts;
        tryLater = other.tryLater;
        lastDelayNanos = other.lastDelayNanos;
        lastFailure = other.lastFailure;
        lastClass = other.lastClass;
        refresh = other.refresh;
    }

    /** The connection was ready and up for long enough: what comes next is a new outage. */
    void forget() {
        Arrays.fill(failures, 0);
        attempts = 0;
        tryLater = 0;
        lastDelayNanos = 0;
        lastClass = null;
        refresh = Refresh.ALLOWED;
    }

    /** The outage begins with a loss, or with the first attempt. */
    void begin(long now) {
        startNanos = now;
    }

    long ageNanos(long now) {
        return now - startNanos;
    }

    /** Counts an attempt, or one more probe, and returns its number from 1. */
    long nextAttempt() {
        return ++attempts;
    }

    long attempts() {
        return attempts;
    }

    /** Remembers a failure and returns how many of its class there were before. */
    int record(Failure failure, RetryClass retryClass) {
        notice(failure, retryClass);
        int before = failures[retryClass.ordinal()];
        failures[retryClass.ordinal()] = Math.min(before + 1, 1_000);
        return before;
    }

    /** Remembers a failure that is not counted: of one probe among several, or the loss of a stable connection. */
    void notice(Failure failure, RetryClass retryClass) {
        lastFailure = failure;
        lastClass = retryClass;
        if (isTryLater(failure)) {
            tryLater = Math.min(tryLater + 1, 1_000);
        }
        if (retryClass == RetryClass.REAUTHENTICATE && refresh == Refresh.ALLOWED) {
            refresh = Refresh.DUE;
        }
    }

    static boolean isTryLater(Failure failure) {
        return failure.kind() == Failure.Kind.CLOSED_BY_PEER
                && failure.closeStatus() != null
                && failure.closeStatus().code() == CloseCode.TRY_AGAIN_LATER;
    }

    int tryLater() {
        return tryLater;
    }

    @Nullable Failure lastFailure() {
        return lastFailure;
    }

    @Nullable RetryClass lastClass() {
        return lastClass;
    }

    Refresh refresh() {
        return refresh;
    }

    /** The supplier delivered what it was asked for. */
    void spendRefresh() {
        if (refresh == Refresh.DUE) {
            refresh = Refresh.SPENT;
        }
    }

    long lastDelayNanos() {
        return lastDelayNanos;
    }

    void waitFor(long delayNanos) {
        lastDelayNanos = delayNanos;
    }

    /** Returns what two outages that behave the same have in common, times relative to now. */
    String fingerprint(long now) {
        return Arrays.toString(failures)
                + ageNanos(now)
                + '/'
                + attempts
                + '/'
                + tryLater
                + '/'
                + lastDelayNanos
                + '/'
                + lastClass
                + '/'
                + refresh
                + '/'
                + (lastFailure == null ? "" : lastFailure.kind());
    }
}
