package io.everwire.cli;

import io.everwire.SessionEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one end of the story's first connection went through. Times are of the monotonic clock, taken in the callbacks. Guarded by
 * the {@link StoryRecord} it belongs to.
 */
final class StoryEnd {
    private @Nullable Long deadNanos;
    private @Nullable Long lostNanos;
    private Duration silence = Duration.ZERO;
    private boolean hadGrace;

    void handle(SessionEvent event, long nowNanos) {
        if (event.epoch() != 1) {
            return;
        }
        if (event instanceof SessionEvent.Dead dead && deadNanos == null) {
            deadNanos = nowNanos;
            silence = dead.silence();
            hadGrace = dead.grace();
        } else if (isEnd(event) && lostNanos == null) {
            lostNanos = nowNanos;
        }
    }

    private static boolean isEnd(SessionEvent event) {
        return event instanceof SessionEvent.Lost
                || event instanceof SessionEvent.Suspended
                || event instanceof SessionEvent.Closed;
    }

    boolean isLost() {
        return lostNanos != null;
    }

    /**
     * Returns what is known now.
     *
     * @param cutNanos when the cable was cut
     */
    Verdict verdict(long cutNanos) {
        Long dead = deadNanos;
        if (dead == null) {
            return new Verdict(null, null, false, lostNanos != null);
        }
        // Whichever is later counts: the cut, or the last byte heard.
        long detect = Math.min(dead - cutNanos, silence.toNanos());
        return new Verdict(dead, Duration.ofNanos(detect), hadGrace, true);
    }

    /**
     * What one end made of the outage.
     *
     * @param atNanos when it judged its peer dead, null when it did not
     * @param detect from the cut, or the last byte heard, to the verdict
     * @param hadGrace whether it granted a grace round because the process had stalled
     * @param isLost whether the connection ended, by the verdict or because the other end ended it
     */
    record Verdict(@Nullable Long atNanos, @Nullable Duration detect, boolean hadGrace, boolean isLost) {}
}
