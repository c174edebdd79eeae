package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.PingWhen;
import java.util.function.DoubleSupplier;

/** When the next ping is due: for silence or regularity, for validity, for confirmations, or because we are deaf. */
final class PingSchedule {
    private static final long CONFIRM_AFTER = 200 * Nanos.MILLI;

    private final long interval;
    private final long pingTimeout;
    private final boolean isAlways;
    private final double jitter;
    private final DoubleSupplier random;

    /** When the validity clock asks for a ping, or {@link Nanos#OFF}. */
    private final long validityLead;

    /** The interval, shortened anew by each ping. */
    private long period;

    /** The ping that was sent for the sake of the validity period. */
    private long validityPing = Pings.NONE;

    PingSchedule(LivenessPolicy policy, DoubleSupplier random) {
        interval = Nanos.orOff(policy.pingInterval());
        pingTimeout = Nanos.of(policy.pingTimeout());
        isAlways = policy.pingWhen() == PingWhen.ALWAYS;
        jitter = policy.pingJitter();
        this.random = random;
        long validity = Nanos.orOff(policy.validity());
        validityLead = interval == Nanos.OFF || validity == Nanos.OFF
                ? Nanos.OFF
                : Math.max(Nanos.TICK, validity - pingTimeout - Nanos.TICK);
        drawPeriod();
    }

    /** Returns when the next ping is due for a peer that can be heard and was silent since {@code silenceNanos}. */
    long deadlineNanos(Pings pings, long silenceNanos, ValidityClock validity, Confirmations confirmations) {
        if (pings.isPending()) {
            return Engine.NO_DEADLINE;
        }
        long due = confirmationPing(pings, confirmations);
        if (validityLead != Nanos.OFF && validityPing <= pings.answered()) {
            due = Nanos.earlier(due, validity.instantOf(validityLead));
        }
        if (interval == Nanos.OFF || (!isAlways && pings.isByteAwaited())) {
            return due;
        }
        return Nanos.earlier(due, (isAlways ? pings.madeNanos() : silenceNanos) + period);
    }

    /**
     * Returns when the next ping is due while reading is suspended: often enough for a peer with our policy, whose pings we leave
     * unread, not to give us up.
     */
    long deafDeadlineNanos(Pings pings, long deafNanos) {
        return interval == Nanos.OFF || pings.isPending()
                ? Engine.NO_DEADLINE
                : Nanos.later(pings.madeNanos(), deafNanos) + Math.min(period, pingTimeout / 2);
    }

    /** At most one a round trip. */
    private static long confirmationPing(Pings pings, Confirmations confirmations) {
        long wanted = confirmations.wantedNanos();
        return wanted == Engine.NO_DEADLINE || pings.isUnanswered()
                ? Engine.NO_DEADLINE
                : Nanos.later(wanted + CONFIRM_AFTER, pings.answeredNanos());
    }

    /** A ping was made, for whatever reason. */
    void handleMade(long ping, ValidityClock validity, long now) {
        if (validityLead != Nanos.OFF && validity.elapsedNanos(now) >= validityLead) {
            validityPing = ping;
        }
        drawPeriod();
    }

    private void drawPeriod() {
        // The tick is taken off so that a ping that is sent a tick late is not late.
        double shorter = interval * jitter * random.getAsDouble();
        period = interval - Math.max((long) shorter, Math.min(Nanos.TICK, interval / 2));
    }
}
