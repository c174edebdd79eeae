package io.everwire.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the story ended.
 *
 * @param profile what was promised
 * @param startNanos when it began, on the monotonic clock
 * @param mistakes what was not as promised, each a sentence; none is good
 */
record StoryResult(
        StoryProfile profile,
        long startNanos,
        StoryRecord.Times times,
        StoryMessages.Account account,
        List<String> mistakes) {
    /** What a stall of this process may add to a verdict that had a grace round, beyond the round itself. */
    private static final Duration STALL = Duration.ofSeconds(2);

    /** Compares what happened with what was promised. */
    static StoryResult judge(
            StoryProfile profile,
            long startNanos,
            StoryRecord.Times times,
            StoryMessages.Account account,
            @Nullable String trouble) {
        List<String> mistakes = new ArrayList<>();
        if (trouble != null) {
            mistakes.add(trouble);
        }
        Duration outage = times.outage();
        if (outage != null) {
            judge("server", profile.server().bound(), profile.server().pingTimeout(), times.server(), outage, mistakes);
            judge("client", profile.client().bound(), profile.client().pingTimeout(), times.client(), outage, mistakes);
        }
        if (account.lost() > 0) {
            mistakes.add(Words.count(account.lost(), "message") + " got lost and nobody said so");
        }
        if (account.duplicated() > 0) {
            mistakes.add(Words.count(account.duplicated(), "message") + " came twice");
        }
        if (account.unknown() > 0 && profile.resume() != null && trouble == null) {
            mistakes.add(Words.count(account.unknown(), "message") + " may or may not have arrived, though the session"
                    + " was kept");
        }
        if (account.notSent() > 0 && trouble == null) {
            mistakes.add(Words.count(account.notSent(), "message") + " could not be sent at all");
        }
        return new StoryResult(profile, startNanos, times, account, List.copyOf(mistakes));
    }

    private static void judge(
            String end,
            Duration bound,
            Duration pingTimeout,
            StoryEnd.Verdict verdict,
            Duration outage,
            List<String> mistakes) {
        Duration allowed = verdict.hadGrace() ? bound.plus(pingTimeout).plus(STALL) : bound;
        Duration detect = verdict.detect();
        if (detect != null && detect.compareTo(allowed) > 0) {
            mistakes.add("the " + end + " needed " + Words.seconds(detect) + " to notice; promised were "
                    + Words.seconds(allowed));
        }
        if (!verdict.isLost() && outage.compareTo(bound.plus(pingTimeout).plus(STALL)) > 0) {
            mistakes.add("the " + end + " did not notice an outage of " + Words.seconds(outage) + "; promised were "
                    + Words.seconds(bound));
        }
    }

    /** Tells whether anybody judged its peer dead, or lost the connection. */
    boolean isNoticed() {
        return times.server().isLost() || times.client().isLost();
    }
}
