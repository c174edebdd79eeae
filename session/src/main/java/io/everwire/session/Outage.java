package io.everwire.session;

import io.everwire.CloseCode;
import io.everwire.Failure;
import io.everwire.RetryClass;
import java.util.EnumMap;
import java.util.Map;
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

    private final Map<RetryClass, Integer> failures = new EnumMap<>(RetryClass.class);
    private final Delays delays;
    private long startNanos;

    /** When the last attempt or probe started, and when the next one may while the network is gone. */
    private long lastStartNanos;

    private long nextStartNanos;
    private long attempts;
    private int tryLater;
    /** How often the peer has turned the session away in a row, and since when. */
    private int turnedAway;

    private long turnedAwayNanos;

    private long lastDelayNanos;
    private @Nullable Failure lastFailure;
    private @Nullable RetryClass lastClass;
    private Refresh refresh = Refresh.ALLOWED;

    Outage(Delays delays, long now) {
        this.delays = delays;
        startNanos = now;
        lastStartNanos = now;
        nextStartNanos = now;
    }

    /** The connection was ready and up for long enough: what comes next is a new outage. */
    void forget() {
        failures.clear();
        attempts = 0;
        tryLater = 0;
        turnedAway = 0;
        lastDelayNanos = 0;
        lastClass = null;
        refresh = Refresh.ALLOWED;
    }

    /** The outage begins with a loss, or with the first attempt. */
    void begin(long now) {
        startNanos = now;
    }

    /** An attempt, or one of its probes, starts now. */
    void startOne(long now) {
        lastStartNanos = now;
        nextStartNanos = now + delays.gap(now - startNanos);
    }

    /** Returns when a probe may start that does not keep the gap: at once, but not at once again. */
    long soonestStartNanos(long now) {
        return Nanos.later(now, lastStartNanos + Delays.SHORTEST_GAP);
    }

    long nextStartNanos() {
        return nextStartNanos;
    }

    /** Returns whether probes race. */
    boolean isProportional() {
        return delays.isProportional(lastClass);
    }

    /** Counts an attempt, or one more probe, and returns its number from 1. */
    long nextAttempt() {
        return ++attempts;
    }

    long attempts() {
        return attempts;
    }

    /** Counts the failure of an attempt; returns when to try again. */
    long handleFailure(Failure failure, RetryClass retryClass, long now) {
        return count(failure, retryClass, Delays.FLOOR, now);
    }

    /** Counts the loss of a connection, unless it was stable: then a new outage begins. Returns when to try again. */
    long handleLoss(Failure failure, RetryClass retryClass, boolean wasStable, long now) {
        if (!wasStable) {
            return count(failure, retryClass, delays.afterLoss(), now);
        }
        begin(now);
        notice(failure, retryClass);
        return now + delays.afterLoss(retryClass, failure, tryLater);
    }

    private long count(Failure failure, RetryClass retryClass, long shortest, long now) {
        notice(failure, retryClass);
        if (isTurnedAway(failure, retryClass, now)) {
            // Not counted: when somebody is there again, his own failures begin at the beginning.
            return now + delays.afterRefusal(now - turnedAwayNanos);
        }
        int before = failures.merge(retryClass, 1, Integer::sum) - 1;
        return delays.isProportional(retryClass) && failure.retryAfter() == null
                ? Nanos.later(nextStartNanos, now + shortest)
                : now + delays.afterFailure(retryClass, failure, before, tryLater);
    }

    /**
     * Tells whether there is a host, but nobody who serves: it refuses, or takes connections and leaves the upgrade of a second one
     * unanswered, too. The first time that may be a network that is gone; whoever asks one again at once that has more to do than it
     * can makes it worse.
     */
    private boolean isTurnedAway(Failure failure, RetryClass retryClass, long now) {
        boolean isUnanswered = delays.isUnanswered(retryClass, failure);
        if (!isUnanswered && !delays.isRefusal(retryClass, failure)) {
            turnedAway = 0;
            return false;
        }
        turnedAway++;
        if (turnedAway == 1) {
            turnedAwayNanos = now;
        }
        return !isUnanswered || turnedAway > 1;
    }

    /** Remembers a failure that is not counted: of one probe among several, or the loss of a stable connection. */
    void notice(Failure failure, RetryClass retryClass) {
        lastFailure = failure;
        lastClass = retryClass;
        if (isTryLater(failure)) {
            tryLater = tryLater + 1;
        }
        if (retryClass == RetryClass.REAUTHENTICATE && refresh == Refresh.ALLOWED) {
            refresh = Refresh.DUE;
        }
    }

    /** Returns whether the server closed with 1013 and did not say until when: another address may do. */
    static boolean isTryLater(Failure failure) {
        return failure.kind() == Failure.Kind.CLOSED_BY_PEER
                && failure.retryAfter() == null
                && failure.closeStatus() != null
                && failure.closeStatus().code() == CloseCode.TRY_AGAIN_LATER;
    }

    @Nullable Failure lastFailure() {
        return lastFailure;
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
}
