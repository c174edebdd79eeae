package io.everwire.session;

import org.jspecify.annotations.Nullable;

/** When the next ping is due: for silence or regularity, for validity, for confirmations, or because we are deaf. */
final class PingSchedule {
    private static final long CONFIRM_AFTER = 200 * Nanos.MILLI;

    private PingSchedule() {}

    /** Returns when the next ping is due for a peer that can be heard and was silent since {@code silenceNanos}. */
    static long deadlineNanos(Pulse pulse, long silenceNanos, @Nullable Confirmations confirmations) {
        if (pulse.isPingPending()) {
            return Engine.NO_DEADLINE;
        }
        LivenessSettings settings = pulse.settings;
        long due = confirmationPing(pulse, confirmations);
        if (settings.validityLead != Nanos.OFF && !pulse.isValidityPingUnanswered()) {
            due = Nanos.earlier(due, pulse.owedAt(settings.validityLead));
        }
        boolean isAlways = settings.isAlways();
        if (settings.interval == Nanos.OFF || (!isAlways && pulse.isByteAwaited())) {
            return due;
        }
        return Nanos.earlier(due, (isAlways ? pulse.madeNanos() : silenceNanos) + pulse.periodNanos());
    }

    /**
     * Returns when the next ping is due while reading is suspended: often enough for a peer with our policy, whose pings we leave
     * unread, not to give us up.
     */
    static long deafDeadlineNanos(Pulse pulse, long deafNanos) {
        LivenessSettings settings = pulse.settings;
        return settings.interval == Nanos.OFF || pulse.isPingPending()
                ? Engine.NO_DEADLINE
                : Nanos.later(pulse.madeNanos(), deafNanos) + Math.min(pulse.periodNanos(), settings.pingTimeout / 2);
    }

    /** At most one a round trip. */
    private static long confirmationPing(Pulse pulse, @Nullable Confirmations confirmations) {
        return confirmations == null || pulse.isPingUnanswered()
                ? Engine.NO_DEADLINE
                : confirmations.dueNanos(CONFIRM_AFTER);
    }
}
