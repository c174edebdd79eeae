package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all contestants of a suite go through together, and the lengths of outages. */
class OutagesTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void drawsLengthsLogUniformlyAndAlwaysTheSame() {
        double[] lengths = IntStream.rangeClosed(1, 100)
                .mapToDouble(Outages::seconds)
                .sorted()
                .toArray();
        assertThat(lengths[0]).isGreaterThanOrEqualTo(1);
        assertThat(lengths[99]).isLessThan(60);
        // The middle of the logarithms, with room for chance.
        assertThat(lengths[50]).isBetween(5.0, 12.0);
        assertThat(Outages.seconds(7)).isEqualTo(Outages.seconds(7));
    }

    @Test
    void measuresAllAtOnceInEachRoundAndGoesOnWhereItStopped() throws Exception {
        Results results = Pretended.results(directory);
        results.add(measurement(Contestants.AUTOBAHN_ARTICLE, 1));
        results.add(measurement(Contestants.EVERWIRE_CLIENT, 1));
        // A run that ended between the two of a round measures the round again, and keeps what it had.
        results.add(measurement(Contestants.AUTOBAHN_ARTICLE, 2));
        Together suite = new Together();
        new Runner(suite, Pace.QUICK.withRounds(3), results, new PrintWriter(new StringWriter()))
                .run(new Arena(directory.resolve("logs"), List.of()), suite.cells(Pace.QUICK));
        assertThat(suite.rounds).containsExactly(2, 3);
        assertThat(suite.isClosed).isTrue();
        assertThat(results.measurements()).hasSize(6);
        assertThat(results.measurements().get(2).figures()).containsEntry("added", 2.0);
    }

    @Test
    void opensNothingWhenAllIsMeasured() throws Exception {
        Results results = Pretended.results(directory);
        results.add(measurement(Contestants.AUTOBAHN_ARTICLE, 1));
        results.add(measurement(Contestants.EVERWIRE_CLIENT, 1));
        Together suite = new Together();
        suite.missing = "there is no cable";
        Runner runner = new Runner(suite, Pace.QUICK.withRounds(1), results, new PrintWriter(new StringWriter()));
        runner.run(new Arena(directory.resolve("logs"), List.of()), suite.cells(Pace.QUICK));
        Runner next = new Runner(suite, Pace.QUICK.withRounds(2), results, new PrintWriter(new StringWriter()));
        assertThatThrownBy(() -> next.run(new Arena(directory.resolve("logs"), List.of()), suite.cells(Pace.QUICK)))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no cable");
    }

    @Test
    void reportsHowLongTheLongestTook() throws Exception {
        Results results = Pretended.results(directory);
        for (int round = 1; round <= 100; round++) {
            results.add(measurement(Contestants.AUTOBAHN_ARTICLE, round));
            results.add(measurement(Contestants.EVERWIRE_CLIENT, round));
        }
        String report = new Report(new Together(), results, new Together().cells(Pace.QUICK)).text();
        assertThat(report).contains("| median ms | 99 % ms |").contains("| +0 | 51 | 99 |");
    }

    private static Measurement measurement(Contestant contestant, int round) {
        return Measurement.of(Together.CELL.name(), contestant.name(), round, Map.of("added", (double) round));
    }

    /** A suite whose contestants meet, and in which the rounds are counted. */
    private static final class Together implements JointSuite {
        static final Cell CELL = new Cell(
                "outages",
                "outages",
                List.of(Contestants.AUTOBAHN_ARTICLE),
                List.of(Contestants.EVERWIRE_CLIENT),
                Map.of());

        final List<Integer> rounds = new ArrayList<>();
        boolean isClosed;
        String missing = "";

        @Override
        public String name() {
            return "together";
        }

        @Override
        public String method() {
            return "Nothing is measured.";
        }

        @Override
        public List<Cell> cells(Pace pace) {
            return List.of(CELL);
        }

        @Override
        public Comparison comparison() {
            return new Comparison("added", "pretended milliseconds", Kind.AMOUNT);
        }

        @Override
        public List<Column> columns() {
            return List.of(new Column("added", "median ms", 1, 0), new Column("added", "99 % ms", 1, 0, 0.99));
        }

        @Override
        public Meeting open(Cell cell, List<Contestant> contestants, Arena arena, Pace pace) throws IOException {
            if (!missing.isEmpty()) {
                throw new IOException(missing);
            }
            return new Meeting() {
                @Override
                public Map<String, Measurement> measure(int round) {
                    rounds.add(round);
                    Map<String, Measurement> found = new LinkedHashMap<>();
                    contestants.forEach(one -> found.put(
                            one.name(), Measurement.of(cell.name(), one.name(), round, Map.of("added", 10.0 * round))));
                    return found;
                }

                @Override
                public void close() {
                    isClosed = true;
                }
            };
        }
    }
}
