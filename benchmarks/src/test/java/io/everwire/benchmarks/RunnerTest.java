package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerTest {
    @TempDir
    private Path directory = Path.of("");

    private final StringWriter said = new StringWriter();

    private void run(Suite suite, Results results) throws Exception {
        Pace pace = Pace.QUICK.withRounds(2);
        new Runner(suite, pace, results, new PrintWriter(said))
                .run(new Arena(directory.resolve("logs"), List.of()), suite.cells(pace));
    }

    @Test
    void measuresEverybodyOnceInEachRoundAndAnotherOneFirst() throws Exception {
        Pretended suite = new Pretended(Suite.Kind.RATE);
        run(suite, Pretended.results(directory));
        assertThat(suite.asked)
                .containsExactly(
                        "raw Netty", "raw NIO", "Everwire", "Jetty", "raw NIO", "Everwire", "Jetty", "raw Netty");
    }

    @Test
    void measuresOnlyWhatIsMissing() throws Exception {
        Results results = Pretended.results(directory);
        results.add(Pretended.measurement(Contestants.RAW_NETTY, 1, 1));
        results.add(Pretended.measurement(Contestants.EVERWIRE, 1, 1));
        results.add(Pretended.measurement(Contestants.EVERWIRE, 2, 1));
        Pretended suite = new Pretended(Suite.Kind.RATE);
        run(suite, results);
        assertThat(suite.asked).containsExactly("raw NIO", "Jetty", "raw NIO", "Jetty", "raw Netty");
        assertThat(results.measurements()).hasSize(8);
    }

    @Test
    void measuresAgainWhatWasDisturbed() throws Exception {
        Results results = Pretended.results(directory);
        Pretended suite = new Pretended(Suite.Kind.RATE);
        suite.disturbed.add("raw NIO");
        run(suite, results);
        assertThat(suite.asked)
                .containsExactly(
                        "raw Netty",
                        "raw NIO",
                        "raw NIO",
                        "Everwire",
                        "Jetty",
                        "raw NIO",
                        "Everwire",
                        "Jetty",
                        "raw Netty");
        assertThat(results.measurements()).hasSize(8).noneMatch(Measurement::isDisturbed);
        assertThat(said.toString()).contains("raw NIO … 1.2 p50 ms, but disturbed; again … 1.2 p50 ms");
    }

    @Test
    void keepsAFailureAndGoesOn() throws Exception {
        Results results = Pretended.results(directory);
        run(new Pretended(Suite.Kind.RATE), results);
        assertThat(results.find(Pretended.CELL.name(), "Jetty", 2))
                .hasValueSatisfying(
                        measurement -> assertThat(measurement.failure()).isEqualTo("it hung up"));
        assertThat(said.toString()).contains("8/8 round 2: a row: raw Netty … 1.2 p50 ms");
    }

    @Test
    void measuresARowOfTwoTablesOnce() {
        Cell other = new Cell(
                "other",
                Pretended.CELL.name(),
                Contestants.RAW,
                List.of(Contestants.EVERWIRE, Contestants.TYRUS),
                Map.of());
        assertThat(Runner.turns(List.of(Pretended.CELL, other), 1))
                .extracting(turn -> turn.contestant().name())
                .containsExactly("raw Netty", "raw NIO", "Everwire", "Jetty", "Tyrus");
    }

    @Test
    void knowsEverybodyOfTheSuitesByKey() {
        for (Contestant contestant : Report.contestants(BenchCommand.SUITES.stream()
                .flatMap(suite -> suite.cells(Pace.QUICK).stream())
                .toList())) {
            assertThat(Contestants.byKey(contestant.key())).contains(contestant);
        }
    }
}
