package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.benchmarks.contestants.Contestants;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs real servers and loads for an instant. The load fails a measurement in which a message comes back wrong. */
class QuickRunTest {
    private static final Pace INSTANT = new Pace(1, 0.1, 0.3, 0, 1, 0, 200);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void echoesAreRightAndFiguresThere() throws Exception {
        EchoSuite suite = new EchoSuite();
        Cell cell = EchoSuite.cell("quick", List.of(Contestants.EVERWIRE), 64, true, 16);
        cell = new Cell(cell.table(), cell.name(), List.of(Contestants.RAW_NIO), cell.contestants(), cell.load());
        Results results = Pretended.results(directory);
        new Runner(suite, INSTANT, results, new PrintWriter(new StringWriter()))
                .run(new Arena(directory.resolve("logs"), List.of()), List.of(cell));
        assertThat(results.measurements()).hasSize(2).allSatisfy(measurement -> {
            assertThat(measurement.failure()).isEmpty();
            assertThat(measurement.figures())
                    .containsKeys(
                            suite.columns().stream().map(Suite.Column::figure).toArray(String[]::new));
            assertThat(measurement.figures().get("messages")).isPositive();
        });
    }

    @Test
    void whatIsCompressedComesBackCompressedAndRight() throws Exception {
        EchoSuite suite = new EchoSuite();
        List<Cell> cells = suite.cells(INSTANT).stream()
                .filter(cell -> cell.table().equals("deflate"))
                .toList();
        assertThat(cells).hasSize(3);
        Results results = Pretended.results(directory);
        new Runner(suite, INSTANT, results, new PrintWriter(new StringWriter()))
                .run(new Arena(directory.resolve("logs"), List.of()), cells);
        assertThat(results.measurements()).hasSize(6).allSatisfy(measurement -> {
            assertThat(measurement.failure()).isEmpty();
            assertThat(measurement.figures().get("messages")).isPositive();
        });
        assertThat(results.find("16 KiB JSON, 16 connections, 16 in flight", "Everwire deflate", 1))
                .hasValueSatisfying(measurement ->
                        assertThat(measurement.figures().get("frameBytes")).isLessThan(8 << 10));
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        StringWriter said = new StringWriter();
        assertThat(BenchCommand.run(new PrintWriter(said), "nonsense")).isEqualTo(2);
        assertThat(BenchCommand.run(new PrintWriter(said), "echo", "--table", "none"))
                .isEqualTo(2);
        assertThat(BenchCommand.run(new PrintWriter(said), "echo", "--only", "nobody"))
                .isEqualTo(2);
        assertThat(BenchCommand.run(new PrintWriter(said), "echo", "--rounds", "0"))
                .isEqualTo(2);
        assertThat(said.toString())
                .contains("there is no suite nonsense")
                .contains("there is no table none")
                .contains("there is no contestant nobody")
                .contains("--rounds is 0");
    }
}
