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
        assertThat(figures).containsOnlyKeys("micros", "healMillis", "perSecond", "megabytes");
        assertThat(figures.get("micros")).isPositive();
        assertThat(figures.get("megabytes")).isPositive();
        // The clock of those who were not cut off begins and ends with the same events.
        assertThat(suite.measure(window, Contestants.EVERWIRE, arena, INSTANT))
                .containsOnlyKeys("micros", "perSecond", "megabytes");
    }

    @Test
    void aCrowdComesBackWithAndWithoutSessions() throws Exception {
        ResumeSuite suite = new ResumeSuite();
        Arena arena = new Arena(directory.resolve("logs"), List.of());
        Cell crowd = suite.cells(INSTANT).get(3);
        for (Contestant contestant : Report.contestants(List.of(crowd))) {
            Map<String, Double> figures = suite.measure(crowd, contestant, arena, INSTANT);
            assertThat(figures).containsOnlyKeys("micros", "healMillis", "serverMicros");
            assertThat(figures.get("healMillis")).isPositive();
        }
    }
}
