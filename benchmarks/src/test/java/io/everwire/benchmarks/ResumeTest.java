package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real servers and clients, and cuts between them: what was swallowed comes, all of it, or the measurement fails. */
class ResumeTest {
    private static final Pace INSTANT = new Pace(1, 0.1, 0.1, 0, 1, 0, 20);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void whatTheCutSwallowedIsReplayed() throws Exception {
        ResumeSuite suite = new ResumeSuite();
        Arena arena = new Arena(directory.resolve("logs"), List.of());
        Cell window = suite.cells(INSTANT).get(2);
        Map<String, Double> figures = suite.measure(window, Contestants.EVERWIRE_SESSIONS, arena, INSTANT);
        assertThat(figures)
                .containsKeys(suite.columns().stream().map(Suite.Column::figure).toArray(String[]::new));
        assertThat(figures.get("megabytes")).isPositive();
    }

    @Test
    void aCrowdComesBackWithAndWithoutSessions() throws Exception {
        ResumeSuite suite = new ResumeSuite();
        Arena arena = new Arena(directory.resolve("logs"), List.of());
        Cell crowd = suite.cells(INSTANT).get(3);
        for (Contestant contestant : Report.contestants(List.of(crowd))) {
            assertThat(suite.measure(crowd, contestant, arena, INSTANT).get("healMillis"))
                    .isPositive();
        }
    }
}
