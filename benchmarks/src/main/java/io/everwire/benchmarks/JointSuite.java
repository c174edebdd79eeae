package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A suite in which all contestants of a cell live at the same time, for the whole run, and each round is an event that meets all. */
interface JointSuite extends Suite {
    /**
     * Brings them together.
     *
     * @throws IOException with a sentence when the machine lacks something
     */
    Meeting open(Cell cell, List<Contestant> contestants, Arena arena, Pace pace)
            throws IOException, InterruptedException;

    @Override
    default void measureBy(Runner runner, Arena arena, List<Cell> cells) throws IOException, InterruptedException {
        for (Cell cell : cells) {
            runner.runTogether(this, arena, cell);
        }
    }

    /** All of them, together. */
    interface Meeting extends AutoCloseable {
        /** Lets the round's event happen, and returns what came of it, by the contestants' names. */
        Map<String, Measurement> measure(int round) throws IOException, InterruptedException;

        @Override
        void close();
    }
}
