package io.everwire.verification.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The property {@code everwire.simulation.seeds} says how many schedules are run. */
class SimulationTest {
    private static final long SEEDS = Long.getLong("everwire.simulation.seeds", 100_000);
    /** Fewer say little about how often something occurs. */
    private static final long ENOUGH_TO_JUDGE = 5_000;

    @Test
    void keepsEveryInvariantWhateverGoesWrong() {
        Statistics statistics = new Statistics();

        Optional<String> violation = LongStream.rangeClosed(1, SEEDS)
                .parallel()
                .mapToObj(seed -> Optional.ofNullable(Simulator.run(seed, statistics)))
                .flatMap(Optional::stream)
                .findFirst();

        assertThat(violation).isEmpty();
        if (SEEDS >= ENOUGH_TO_JUDGE) {
            assertThat(statistics.shortcomings()).isEmpty();
        }
    }

    @Test
    void keepsThemWhereTheyWereBrokenBefore() throws IOException {
        for (String line : seeds().lines().toList()) {
            if (!line.startsWith("#")) {
                String[] words = line.split("\\s+", 2);

                assertThat(Simulator.run(Long.parseLong(words[0]))).as(words[1]).isNull();
            }
        }
    }

    private static String seeds() throws IOException {
        try (InputStream in = Objects.requireNonNull(SimulationTest.class.getResourceAsStream("seeds.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void repeatsASeedExactly() {
        for (long seed = 1; seed <= 30; seed++) {
            assertThat(storyOf(seed)).isEqualTo(storyOf(seed));
        }
    }

    private static String storyOf(long seed) {
        Trace trace = new Trace(100_000);
        new World(seed, trace).run();
        return trace.tail();
    }

    @Test
    void countsItsSchedulesAndEndsWith0() {
        StringWriter said = new StringWriter();

        int code = SimulateCommand.run(new PrintWriter(said), "--seeds", "20", "--seed", "100");

        assertThat(code).isZero();
        assertThat(said.toString()).startsWith("20 schedules in ").contains("violations: 0");
    }

    @Test
    void listsTheMutationsWhenItKnowsNoSuchOne() {
        StringWriter said = new StringWriter();

        int code = SimulateCommand.run(new PrintWriter(said), "--mutation", "no-such-thing");

        assertThat(code).isEqualTo(2);
        assertThat(said.toString()).contains("there is no mutation no-such-thing; there are no-epoch-fence, ");
    }

    @Test
    void refusesToRunNothing() {
        StringWriter said = new StringWriter();

        assertThat(SimulateCommand.run(new PrintWriter(said), "--seeds", "0")).isEqualTo(2);
        assertThat(said.toString()).contains("--seeds is 0; run at least 1");
    }
}
