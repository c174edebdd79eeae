package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.benchmarks.StormSuite.Life;
import io.everwire.benchmarks.contestants.Contestants;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes of a storm, by the lives of its clients; and a small one with real processes. */
class StormTest {
    @TempDir
    private Path directory = Path.of("");

    private static List<Life> lives(String... told) {
        return Stream.of(told).map(Life::of).toList();
    }

    @Test
    void theRatioIsToTheTimeAtThePeakRate() {
        List<Life> lives = lives("10000,0,0,2,0", "10100,0,0,4,0", "10499,1,0,2,0", "13000,1,1,0,1");
        Map<String, Double> figures = StormSuite.figures(lives, 9_000, 8);
        assertThat(figures)
                .containsEntry("back50", 1.1)
                .containsEntry("back99", 4.0)
                .containsEntry("backAll", 4.0)
                .containsEntry("ratio", 4.0 * 8 / 4)
                .containsEntry("attempts", 1 + 3 / 4.0)
                .containsEntry("lostAgain", 1.0)
                .containsEntry("putOff", 2.0)
                .containsEntry("failed", 1.0)
                .containsEntry("refused", 2.0);
    }

    @Test
    void allClientsOfAKilledServerComeBack() throws Exception {
        Map<String, Double> figures = measure(0);
        assertThat(figures).containsEntry("lostAgain", 0.0).doesNotContainKey("survivorsLost");
        assertThat(figures.get("ratio")).isPositive();
    }

    @Test
    void theyGoToAServerWithOthersWhoStay() throws Exception {
        Map<String, Double> figures = measure(1);
        // Its port never refused: nobody has gone back to where the killed one was.
        assertThat(figures)
                .containsKeys(new StormSuite()
                        .columns().stream().map(Suite.Column::figure).toArray(String[]::new))
                .containsEntry("lostAgain", 0.0)
                .containsEntry("survivorsLost", 0.0)
                .containsEntry("refused", 0.0);
    }

    private Map<String, Double> measure(int cell) throws Exception {
        StormSuite suite = new StormSuite();
        Pace instant = new Pace(1, 0.1, 0.1, 0, 1, 0, 60);
        Arena arena = new Arena(directory.resolve("logs"), List.of());
        return suite.measure(suite.cells(instant).get(cell), Contestants.EVERWIRE, arena, instant);
    }
}
