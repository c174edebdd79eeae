package io.everwire.transport;

import io.everwire.Failure;
import io.everwire.SessionEvent;
import io.everwire.SessionLoss;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants to know of one outage, in about ten lines. It is kept while the outage lasts, for the events of a long one are
 * many, and dials that nobody answers are none.
 */
final class OutageStory {
    private final long beginMillis;
    private final @Nullable Loss lost;
    private final SessionEvent.@Nullable Dead verdict;
    private final Map<Failure.Kind, Integer> reasons = new EnumMap<>(Failure.Kind.class);
    private @Nullable Failure lastFailure;
    private int dials;
    private int failedDials;
    private int opened;
    private int lostUnready;
    private SessionEvent.@Nullable SessionLost sessionLost;
    private long moreInDoubt;
    private Duration longestWait = Duration.ZERO;
    private @Nullable String end;

    /**
     * A connection that was lost.
     *
     * @param gap null where a session is kept, in which nothing is in doubt
     */
    private record Loss(int epoch, Failure cause, SessionEvent.@Nullable Gap gap) {
        static @Nullable Loss of(@Nullable SessionEvent event) {
            if (event instanceof SessionEvent.Suspended suspended) {
                return new Loss(suspended.epoch(), suspended.cause(), null);
            }
            return event instanceof SessionEvent.Lost lost ? new Loss(lost.epoch(), lost.cause(), lost.gap()) : null;
        }
    }

    /**
     * Begins a story.
     *
     * @param loss {@code Lost} or {@code Suspended} of a connection that was ready, null for the way to the first one
     * @param verdict the verdict on that connection's peer, null when there was none
     */
    OutageStory(long beginMillis, @Nullable SessionEvent loss, SessionEvent.@Nullable Dead verdict) {
        this.beginMillis = beginMillis;
        lost = Loss.of(loss);
        this.verdict = verdict != null && lost != null && verdict.epoch() == lost.epoch() ? verdict : null;
        lastFailure = lost == null ? null : lost.cause();
    }

    /** An address is dialed. */
    void handleDial() {
        dials += end == null ? 1 : 0;
    }

    /** A dial has failed, in TCP or on the way to the upgrade. */
    void handleDialFailed(Failure failure) {
        if (end == null) {
            failedDials++;
            count(failure);
        }
    }

    void handle(SessionEvent event, long nowMillis) {
        if (event instanceof SessionEvent.Reconnected back) {
            end = end(nowMillis, "back", "connection " + back.epoch() + ", after " + seconds(back.outage()));
        } else if (end != null) {
            return;
        } else if (event instanceof SessionEvent.Resumed resumed && lost != null) {
            opened++;
            String sent = resumed.replayedIn() + " in, " + resumed.replayedOut() + " out";
            end = end(
                    nowMillis,
                    "resumed",
                    "connection " + resumed.epoch() + ", after " + seconds(resumed.outage()) + ", sent again " + sent);
        } else if (event instanceof SessionEvent.SessionLost over) {
            sessionLost = over;
        } else if (event instanceof SessionEvent.Suspended again) {
            lostUnready++;
            count(again.cause());
        } else if (event instanceof SessionEvent.Waiting waiting) {
            longestWait = waiting.delay().compareTo(longestWait) > 0 ? waiting.delay() : longestWait;
            count(waiting.failure());
        } else if (event instanceof SessionEvent.Open) {
            opened++;
        } else if (event instanceof SessionEvent.Lost unready) {
            lostUnready++;
            moreInDoubt += unready.gap().unknownSends();
            count(unready.cause());
        } else if (event instanceof SessionEvent.Ready ready) {
            end = end(nowMillis, "ready", "connection " + ready.epoch() + ", after " + secondsSince(nowMillis));
        } else if (event instanceof SessionEvent.Closed closed) {
            if (closed.cause().kind() != Failure.Kind.CLOSED_BY_US) {
                count(closed.cause());
            }
            end = end(nowMillis, "ended", "for good, after " + secondsSince(nowMillis) + ", with " + closed.status());
        }
    }

    /** Counts a reason once, though it comes with the dial that failed and again with the wait, or the end, that follows. */
    @SuppressWarnings("ReferenceEquality") // Two failures may be equal; only one and the same is told twice.
    private void count(Failure failure) {
        if (failure != lastFailure) {
            lastFailure = failure;
            reasons.merge(failure.kind(), 1, Integer::sum);
        }
    }

    /** Tells whether there is anything to tell: that a first connection came at once is no story. */
    boolean isWorthTelling() {
        return lost != null || end == null || !reasons.isEmpty();
    }

    /** Returns the story, a line for each thing. What a resumed session has brought along belongs before the end. */
    List<String> lines(long nowMillis) {
        List<String> lines = new ArrayList<>();
        if (lost == null) {
            lines.add("the way to the first connection:");
            lines.add(line("begun", at(beginMillis)));
        } else {
            lines.add("the last outage:");
            tellLoss(lines, lost);
        }
        // A server waits for its client, and dials nobody.
        if (dials > 0 || lost == null || lost.gap() != null) {
            int unanswered = Math.max(0, dials - failedDials - opened);
            lines.add(line(
                    "dialed",
                    times(dials) + ": " + unanswered + " without an answer, " + failedDials + " failed, " + opened
                            + " opened"));
        }
        if (!reasons.isEmpty()) {
            String last = lastFailure == null ? "" : "; the last: " + Texts.printable(lastFailure.message());
            lines.add(line("reasons", counted() + last));
        }
        if (!longestWait.isZero()) {
            lines.add(line("waited", seconds(longestWait) + " at most between attempts"));
        }
        if (lostUnready > 0) {
            lines.add(line(
                    "between", times(lostUnready) + " lost again before ready, " + moreInDoubt + " more in doubt"));
        }
        if (sessionLost != null) {
            SessionLoss loss = sessionLost.loss();
            lines.add(line(
                    "session",
                    "lost (" + loss.reason().word() + "): " + loss.delivered() + " delivered, " + loss.unknown()
                            + " unknown, " + loss.undelivered() + " not delivered"));
        }
        lines.add(end != null ? end : line("now", "not connected for " + secondsSince(nowMillis)));
        return lines;
    }

    private void tellLoss(List<String> lines, Loss loss) {
        Failure cause = loss.cause();
        lines.add(line("lost", at(beginMillis) + "  connection " + loss.epoch() + ", " + word(cause.kind())));
        lines.add(line("because", Texts.printable(cause.message())));
        String judged = verdict == null
                ? ""
                : "; judged by " + verdict.reason() + (verdict.grace() ? ", after a grace for a stall of our own" : "");
        SessionEvent.Gap gap = loss.gap();
        if (gap == null) {
            lines.add(line("kept", "the session waits for its next connection" + judged));
            return;
        }
        lines.add(line("silent", "the peer was not heard for " + seconds(gap.silence()) + judged));
        long doubt = gap.unknownSends();
        lines.add(line("in doubt", doubt + (doubt == 1 ? " message" : " messages") + ", written and never confirmed"));
    }

    private String counted() {
        return reasons.entrySet().stream()
                .map(reason -> reason.getValue() + " " + word(reason.getKey()))
                .collect(Collectors.joining(", "));
    }

    private String secondsSince(long nowMillis) {
        return seconds(Duration.ofMillis(Math.max(0, nowMillis - beginMillis)));
    }

    private static String end(long millis, String label, String text) {
        return line(label, at(millis) + "  " + text);
    }

    private static String line(String label, String text) {
        return String.format(Locale.ROOT, "  %-9s %s", label, text);
    }

    private static String at(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    private static String times(int count) {
        return count + (count == 1 ? " time" : " times");
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
    }

    private static String word(Failure.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
