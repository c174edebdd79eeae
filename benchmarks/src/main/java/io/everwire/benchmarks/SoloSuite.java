package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A suite whose contestants are measured one after the other. */
interface SoloSuite extends Suite {
    /** Measures one contestant in one cell, from the start of its process to its end. */
    Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException;

    @Override
    default void measureBy(Runner runner, Arena arena, List<Cell> cells) throws IOException, InterruptedException {
        runner.runInTurns(this, arena, cells);
    }
}
