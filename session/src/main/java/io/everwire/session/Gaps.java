package io.everwire.session;

import io.everwire.SessionEvent;
import java.time.Duration;
import java.util.Optional;

/** What lies between the last connection that was ready and the next one. */
final class Gaps {
    private boolean isOpen;
    private int lostEpoch;
    private long lostNanos;
    private long silentNanos;
    private long unknownSends;

    Gaps() {}

    /** A connection was lost. One that was never ready widens a gap, and begins none. Returns what this connection leaves open. */
    SessionEvent.Gap lose(boolean wasReady, int epoch, long silent, long unknown, long now) {
        if (wasReady) {
            isOpen = true;
            lostEpoch = epoch;
            lostNanos = now;
            silentNanos = silent;
            unknownSends = unknown;
        } else if (isOpen) {
            unknownSends += unknown;
        }
        return new SessionEvent.Gap(epoch, Duration.ofNanos(silent), unknown);
    }

    /** A connection is ready: returns the event that ends the gap, if there was one. */
    Optional<SessionEvent> end(int epoch, long now) {
        if (!isOpen) {
            return Optional.empty();
        }
        isOpen = false;
        SessionEvent.Gap gap = new SessionEvent.Gap(lostEpoch, Duration.ofNanos(silentNanos), unknownSends);
        return Optional.of(new SessionEvent.Reconnected(epoch, Duration.ofNanos(now - lostNanos), gap));
    }
}
