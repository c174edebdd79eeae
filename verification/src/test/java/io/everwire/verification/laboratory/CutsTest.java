package io.everwire.verification.laboratory;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A session loses nothing, repeats nothing and keeps the order, however often the cable is cut; on a store that outlives its process,
 * however often the server is killed. The property {@code everwire.cuts} sets how often in the long form, {@code everwire.cuts.seed}
 * repeats a run.
 */
@Execution(ExecutionMode.CONCURRENT)
final class CutsTest {
    private static final int MANY = Integer.getInteger("everwire.cuts", 200);
    private static final long SEED = Long.getLong("everwire.cuts.seed", 20_261_123);

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void losesNothingInTenCuts() {
        run("memory", 10, 2_500);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void losesNothingInTenCutsAndKillsOfTheServer() {
        run("file", 10, 2_500);
    }

    @Test
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void losesNothingInTwoHundredCuts() {
        run("memory", MANY, 6_000);
    }

    @Test
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void losesNothingInTwoHundredCutsAndKillsOfTheServer() {
        run("file", MANY, 6_000);
    }

    private static void run(String store, int cuts, int longestMillis) {
        try (Campaign campaign = new Campaign(store, cuts, SEED)) {
            campaign.run(longestMillis);
        }
    }
}
