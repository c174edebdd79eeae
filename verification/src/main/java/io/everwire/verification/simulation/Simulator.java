package io.everwire.verification.simulation;

import org.jspecify.annotations.Nullable;

/** Runs schedules by their seeds. */
public final class Simulator {
    private Simulator() {}

    /**
     * Runs one schedule.
     *
     * @return null when every invariant held; otherwise what did not, with the end of the trace
     */
    public static @Nullable String run(long seed) {
        return run(seed, new Statistics());
    }

    static @Nullable String run(long seed, Statistics statistics) {
        String sentence = attempt(seed, statistics, null);
        if (sentence == null) {
            return null;
        }
        Trace trace = new Trace();
        String again = attempt(seed, new Statistics(), trace);
        return "seed " + seed + ": " + sentence
                + (sentence.equals(again) ? "" : "\n(NOT REPEATED: the second run said " + again + ")") + "\n"
                + trace.tail();
    }

    private static @Nullable String attempt(long seed, Statistics statistics, @Nullable Trace trace) {
        World world = new World(seed, trace);
        try {
            world.run();
        } catch (Violation e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException | AssertionError e) {
            Throwable first = world.failure();
            StackTraceElement[] where = (first == null ? e : first).getStackTrace();
            return (first == null ? e : first) + (where.length > 0 ? " at " + where[0] : "");
        } finally {
            statistics.add(world);
        }
        return null;
    }
}
