package io.everwire.verification.simulation;

/** What many schedules have seen together. */
public final class Statistics {
    private final Fault[] faults = Fault.values();
    private final long[] schedulesWith = new long[faults.length];
    private final long[] occurrences = new long[faults.length];
    long schedules;
    long events;
    long up;
    long down;
    long struck;
    long resumes;
    long takeovers;
    long replays;

    void add(World world) {
        schedules++;
        events += world.agenda.happened();
        up += world.tally.up;
        down += world.tally.down;
        resumes += world.tally.resumes;
        takeovers += world.tally.takeovers;
        replays += world.tally.replays;
        for (int i = 0; i < faults.length; i++) {
            occurrences[i] += world.counts[i];
            struck += world.counts[i];
            if (world.counts[i] > 0) {
                schedulesWith[i]++;
            }
        }
    }

    /** Returns the share of the schedules in which a fault occurred, in percent. */
    double shareOf(Fault fault) {
        return 100.0 * schedulesWith[fault.ordinal()] / Math.max(1, schedules);
    }

    double average(long sum) {
        return (double) sum / Math.max(1, schedules);
    }
}
