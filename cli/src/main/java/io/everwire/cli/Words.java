package io.everwire.cli;

import io.everwire.Failure;
import io.everwire.SessionEvent;
import io.everwire.SessionLoss;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How things are called in lines. */
final class Words {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);

    private Words() {}

    /** The word of a failure's kind: {@code connect-timeout}. */
    static String of(Failure.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The time of day, local. */
    static String timeOf(long epochMillis) {
        return TIME.format(Instant.ofEpochMilli(epochMillis).atZone(ZoneId.systemDefault()));
    }

    /** Seconds with three digits: {@code 7.004 s}. */
    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }

    /** A duration as short as it can be said: {@code 200 ms}, {@code 8 s}, {@code 1.5 s}. */
    static String shortly(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        return millis % 1_000 == 0 ? millis / 1_000 + " s" : String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }

    /** A number with its noun. */
    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** What is known of the messages that went to the peer, and how far those from it have come. */
    static String of(SessionLoss loss) {
        return loss.delivered() + " delivered, " + loss.unknown() + " unknown, " + loss.undelivered()
                + " not delivered, " + loss.received() + " received";
    }

    /** How many messages are sent again once a session goes on. */
    static String of(SessionEvent.Resumed back) {
        return "replayed " + back.replayedIn() + " in, " + back.replayedOut() + " out";
    }

    /** Keeps a foreign text on its line. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
