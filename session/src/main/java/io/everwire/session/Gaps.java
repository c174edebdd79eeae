package io.everwire.session;

import io.everwire.SessionEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What lies between the last connection that was ready and the next one. */
final class Gaps {
    private boolean isOpen;
    private int lostEpoch;
    private long lostNanos;
    private long silentNanos;
    private long unknownSends;

    Gaps() {}

    Gaps(Gaps other) {
        isOpen = other.isOpen;
        lostEpoch = other.lostEpoch;
        lostNanos = other.lostNanos;
        silentNanos = other.silentNanos;
        unknownSends = other.unknownSends;
    }

    /** A connection was lost. One that was never ready widens a gap, and begins none. */
    void lose(boolean wasReady, int epoch, long silent, long unknown, long now) {
        if (wasReady) {
            isOpen = true;
            lostEpoch = epoch;
            lostNanos = now;
            silentNanos = silent;
            unknownSends = unknown;
        } else if (isOpen) {
            unknownSends += unknown;
        }
    }

    /** A connection is ready: returns the event that ends the gap, or null when there was none. */
    SessionEvent.@Nullable Reconnected end(int epoch, long now) {
        if (!isOpen) {
            return null;
        }
        isOpen = false;
        return new SessionEvent.Reconnected(
                epoch,
                Duration.ofNanos(now - lostNanos),
                new SessionEvent.Gap(lostEpoch, Duration.ofNanos(silentNanos), unknownSends));
    }

    String fingerprint(long now) {
        return isOpen ? lostEpoch + "/" + (now - lostNanos) : "-";
    }
}
