package io.everwire.verification.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.simulation.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The test of the simulator: it finds every broken build, by the schedules that it always runs. */
class MutationTest {
    private static final int MOST_SEEDS = Integer.getInteger("everwire.mutation.seeds", 2_000);
    private static final Path ROOT =
            Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());

    @Test
    void findsEveryMutation() throws Exception {
        List<String> survivors = new ArrayList<>();
        StringBuilder table = new StringBuilder("| mutation | seeds needed | what was seen first |\n|---|---|---|\n");
        String only = System.getProperty("everwire.mutation");
        for (Mutation mutation : Mutations.ALL) {
            if (only != null && !only.equals(mutation.name())) {
                continue;
            }
            Mutant mutant = Mutant.of(mutation, ROOT);
            int seeds = 0;
            @Nullable String found = null;
            while (found == null && seeds < MOST_SEEDS) {
                seeds++;
                found = mutant.run(seeds);
                if (found != null && Simulator.run(seeds) != null) {
                    // The sound build fails there, too: that is another test's failure, and proves nothing here.
                    found = null;
                }
            }
            if (found == null) {
                survivors.add(mutation.name());
            }
            String first = found == null
                    ? "**it survives**"
                    : found.lines().findFirst().orElse("");
            table.append("| `%s` | %d | %s |%n".formatted(mutation.name(), seeds, first));
        }
        Path results = Path.of("target", "simulation");
        Files.createDirectories(results);
        Files.writeString(results.resolve("mutations.md"), table);
        assertThat(survivors)
                .as("mutations that %d schedules did not find:%n%s", MOST_SEEDS, table)
                .isEmpty();
    }
}
