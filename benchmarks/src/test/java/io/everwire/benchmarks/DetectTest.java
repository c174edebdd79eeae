package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Silent peers. How late they are judged is measured, not tested. */
class DetectTest {
    private static final Pace INSTANT = new Pace(1, 0, 0, 0, 0, 0, 200);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void judgesEveryPeerThatFallsMute() throws Exception {
        DetectSuite suite = new DetectSuite();
        Cell cell = DetectSuite.cell(200, false, 200, 100);
        Results results = Pretended.results(directory);
        new Runner(suite, INSTANT, results, new PrintWriter(new StringWriter()))
                .run(new Arena(directory.resolve("logs"), List.of()), List.of(cell));
        assertThat(results.find(cell.name(), Contestants.EVERWIRE.name(), 1)).hasValueSatisfying(measurement -> {
            assertThat(measurement.failure()).isEmpty();
            assertThat(measurement.figures())
                    .contains(entry("verdicts", 200.0))
                    .containsKeys(
                            suite.columns().stream().map(Suite.Column::figure).toArray(String[]::new));
        });
    }

    @Test
    void countsFromTheLastSignOfLifeAndLessTheBound() throws Exception {
        Map<String, Double> figures = DetectSuite.figures(
                Map.of(1, 0L, 2, 5_000_000L), Map.of(1, 110_000_000L, 2, 95_000_000L, 9, 1L), 100_000_000);
        assertThat(figures)
                .contains(
                        entry("worst", 10.0),
                        entry("least", -10.0),
                        entry("p50", 0.0),
                        entry("p999", 10.0),
                        entry("verdicts", 2.0));
    }

    @Test
    void refusesARunInWhichAnybodyWasNotJudged() {
        assertThatThrownBy(() -> DetectSuite.figures(Map.of(1, 0L, 2, 0L, 3, 0L), Map.of(2, 5L), 1))
                .isInstanceOf(IOException.class)
                .hasMessage("of 3 silent peers 2 were never judged");
    }
}
