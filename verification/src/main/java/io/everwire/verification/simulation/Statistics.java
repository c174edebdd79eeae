package io.everwire.verification.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What many schedules have seen together. They may run on several threads, and are asked about when all have ended. */
@SuppressWarnings("EnumOrdinal") // Tables by ordinal: a schedule allocates nothing for its counts.
public final class Statistics {
    private static final double LEAST_EVENTS = 300;
    private static final double LEAST_DATA = 40;
    private static final double LEAST_FAULTS = 3;
    private static final double LEAST_SHARE = 2;

    private final Fault[] faults = Fault.values();
    private final long[] schedulesWith = new long[faults.length];
    private final long[] occurrences = new long[faults.length];
    private long schedules;
    private long events;
    private long up;
    private long down;
    private long struck;
    private long resumes;
    private long takeovers;
    private long replays;

    /** Begins with nothing. */
    public Statistics() {}

    synchronized void add(World world) {
        schedules++;
        events += world.agenda.happened();
        up += world.tally.up;
        down += world.tally.down;
        resumes += world.tally.resumes;
        takeovers += world.tally.takeovers;
        replays += world.tally.replays;
        for (int i = 0; i < faults.length; i++) {
            occurrences[i] += world.counts[i];
            if (faults[i] != Fault.HANDLER_SENDS && faults[i] != Fault.HANDLER_THROWS) {
                struck += world.counts[i];
            }
            if (world.counts[i] > 0) {
                schedulesWith[i]++;
            }
        }
    }

    /** Counts a schedule of which nothing else is known. */
    synchronized void count() {
        schedules++;
    }

    /** Returns how many schedules were run. */
    public long schedules() {
        return schedules;
    }

    private double average(long sum) {
        return (double) sum / Math.max(1, schedules);
    }

    private double shareOf(Fault fault) {
        return 100.0 * schedulesWith[fault.ordinal()] / Math.max(1, schedules);
    }

    /** Returns what the schedules together should have tried and did not; empty when they are worth something. */
    public List<String> shortcomings() {
        List<String> found = new ArrayList<>();
        require(found, "events", average(events), LEAST_EVENTS);
        require(found, "DATA up", average(up), LEAST_DATA);
        require(found, "DATA down", average(down), LEAST_DATA);
        require(found, "faults", average(struck), LEAST_FAULTS);
        for (Fault fault : faults) {
            if (shareOf(fault) < LEAST_SHARE) {
                found.add(text(
                        "%s occurs in %.2f %% of the schedules, less than %.0f %%",
                        fault.word(), shareOf(fault), LEAST_SHARE));
            }
        }
        return found;
    }

    private static void require(List<String> found, String what, double average, double least) {
        if (average < least) {
            found.add(text("%.1f %s a schedule, less than %.0f", average, what, least));
        }
    }

    /** Returns the figures, a line each. What a handler does is no fault and not in their average. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(text(
                "a schedule on average: %.0f events, %.1f DATA up, %.1f DATA down, %.1f faults",
                average(events), average(up), average(down), average(struck)));
        lines.add(text(
                "together: %d resumes, %d takeovers, %d messages replayed, %d DATA",
                resumes, takeovers, replays, up + down));
        for (Fault fault : faults) {
            lines.add(text(
                    "  %-30s %6.2f %% of the schedules, %d times",
                    fault.word(), shareOf(fault), occurrences[fault.ordinal()]));
        }
        return lines;
    }

    @SuppressWarnings("AnnotateFormatMethod") // Error Prone checks this code and is no part of it.
    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
