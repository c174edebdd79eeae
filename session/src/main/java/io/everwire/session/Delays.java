package io.everwire.session;

import io.everwire.Backoff;
import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.RetryClass;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before an attempt: the pure rule, by class of failure. Every delay but the fixed one is drawn anew, also at its
 * cap, and none is below 50 ms.
 */
final class Delays {
    static final long FLOOR = 50 * Nanos.MILLI;
    static final long CAP = 30 * Nanos.SECOND;
    static final long SLOW_CAP = 60 * Nanos.SECOND;

    /** A server that names a longer time is asked again after this one: a wrong date must not end a session. */
    static final long LONGEST_RETRY_AFTER = 3_600 * Nanos.SECOND;

    /** Of a slot, which a server keeps for longer than this. */
    static final long SLOT_JITTER = 50 * Nanos.MILLI;

    private static final long BUSY_BASE = 250 * Nanos.MILLI;
    private static final long SLOW_BASE = 5 * Nanos.SECOND;
    static final long SHORTEST_GAP = 100 * Nanos.MILLI;

    /** A gap is stretched by up to 20 %, so this one never exceeds the cap, and is still jittered there. */
    private static final long LONGEST_GAP = CAP * 10 / 12;

    /** The mean delay while a host is there and nobody serves: a quarter of the time for which that is so, within these. */
    private static final long SHORTEST_REFUSAL = 250 * Nanos.MILLI;

    /** Stretched by up to a half, it is the cap. */
    private static final long LONGEST_REFUSAL = CAP * 2 / 3;

    private final Backoff backoff;
    private final DoubleSupplier random;

    Delays(Backoff backoff, DoubleSupplier random) {
        this.backoff = backoff;
        this.random = random;
    }

    /** Returns whether attempts of this class start in proportion to the outage's age, without waiting for one another. */
    boolean isProportional(@Nullable RetryClass retryClass) {
        return retryClass == RetryClass.NETWORK && backoff.kind() == Backoff.Kind.AUTO;
    }

    /** Returns the gap between the starts of two attempts: 2 % of the outage's age, 100 ms to 30 s, ±20 %. */
    long gap(long ageNanos) {
        long gap = Math.max(SHORTEST_GAP, Math.min(ageNanos / 50, LONGEST_GAP));
        return uniform(gap * 8 / 10, gap * 12 / 10);
    }

    /**
     * Returns whether the wait after this failure is in proportion to how long it has been so: nobody listens at the port. To be asked
     * again costs that host's kernel one packet and its server, which is not there, nothing.
     */
    boolean isRefusal(RetryClass retryClass, Failure failure) {
        return retryClass == RetryClass.BUSY
                && failure.kind() == Failure.Kind.REFUSED
                && backoff.kind() == Backoff.Kind.AUTO;
    }

    /** Returns whether somebody took the connection, and did not answer the upgrade in time. */
    boolean isUnanswered(RetryClass retryClass, Failure failure) {
        return failure.kind() == Failure.Kind.UPGRADE_TIMEOUT && isProportional(retryClass);
    }

    /** Returns the delay after a refusal: a quarter of the time since the first of them, 250 ms to 20 s, ±50 %. */
    long afterRefusal(long ageNanos) {
        long mean = Math.max(SHORTEST_REFUSAL, Math.min(ageNanos / 4, LONGEST_REFUSAL));
        return uniform(mean / 2, mean + mean / 2);
    }

    /** Returns the delay of the first attempt after a loss that has no delay of its own. */
    long afterLoss() {
        return uniform(FLOOR, 5 * FLOOR);
    }

    /**
     * Returns the delay of the first attempt after a connection that had been stable was lost.
     *
     * @param tryLater how many closes with 1013 there were since the last success, this one included
     */
    long afterLoss(RetryClass retryClass, Failure failure, int tryLater) {
        boolean isOrdinary = retryClass != RetryClass.SLOW && backoff.kind() != Backoff.Kind.FIXED;
        long delay = isOrdinary ? afterLoss() : byClass(retryClass, 0);
        return atLeastNamed(delay, failure, tryLater);
    }

    /**
     * Returns the delay after a failed attempt, or after a connection that was lost before it was stable.
     *
     * @param failures how many failures of this class there were before since the last success
     * @param tryLater how many closes with 1013 there were since the last success, this one included
     */
    long afterFailure(RetryClass retryClass, Failure failure, int failures, int tryLater) {
        return atLeastNamed(byClass(retryClass, failures), failure, tryLater);
    }

    private long byClass(RetryClass retryClass, int failures) {
        if (backoff.kind() == Backoff.Kind.FIXED) {
            return Nanos.of(backoff.delay());
        }
        return retryClass == RetryClass.SLOW
                ? fullJitter(SLOW_BASE, SLOW_CAP, failures)
                : fullJitter(BUSY_BASE, CAP, failures);
    }

    private long fullJitter(long base, long cap, int failures) {
        // Seven doublings reach both caps; more would only overflow.
        long ceiling = Math.min(cap, base << Math.min(failures, 7));
        return Math.max(FLOOR, uniform(0, ceiling));
    }

    /** Returns whether the server itself asked for the wait. */
    static boolean isNamed(Failure failure) {
        CloseStatus status = failure.closeStatus();
        boolean isByCode = status != null
                && failure.kind() == Failure.Kind.CLOSED_BY_PEER
                && (status.code() == CloseCode.SERVICE_RESTART || status.code() == CloseCode.TRY_AGAIN_LATER);
        return failure.retryAfter() != null || isByCode;
    }

    /** A time that the server named is a floor, and jittered upwards; one that it drew for us alone is kept. */
    private long atLeastNamed(long delay, Failure failure, int tryLater) {
        Duration named = failure.retryAfter();
        CloseStatus status = failure.closeStatus();
        if (named != null) {
            long floor = Math.min(Nanos.of(named), LONGEST_RETRY_AFTER);
            if (failure.isSlot()) {
                // The server has spread its clients already; a backoff of our own would spoil it.
                long own = backoff.kind() == Backoff.Kind.FIXED ? delay : FLOOR;
                return Math.max(own, floor + uniform(0, SLOT_JITTER));
            }
            return Math.max(delay, floor + uniform(0, Math.max(5 * FLOOR, floor / 4)));
        }
        if (status == null || failure.kind() != Failure.Kind.CLOSED_BY_PEER || backoff.kind() == Backoff.Kind.FIXED) {
            return delay;
        }
        if (status.code() == CloseCode.SERVICE_RESTART) {
            return Math.max(delay, uniform(Nanos.SECOND / 2, 5 * Nanos.SECOND));
        }
        // The first time another address may do; when that one is overloaded too, it is time to wait.
        boolean mustWait = tryLater > 1 || backoff.kind() == Backoff.Kind.FLEET;
        return status.code() == CloseCode.TRY_AGAIN_LATER && mustWait
                ? Math.max(delay, uniform(5 * Nanos.SECOND, 30 * Nanos.SECOND))
                : delay;
    }

    /** Returns a value in [least, most). */
    long uniform(long least, long most) {
        return least + (long) (random.getAsDouble() * (most - least));
    }
}
