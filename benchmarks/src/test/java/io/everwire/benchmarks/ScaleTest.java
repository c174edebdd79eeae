package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.transport.SyntheticSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the suite makes of its figures, and whether its clients without descriptors are clients. */
class ScaleTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void theTableShowsTheWorseRatio() {
        assertThat(ScaleSuite.figures(new ScaleSuite.Costs(2_000, 5, 9_000), new ScaleSuite.Costs(2_200, 5.25, 10_000)))
                .containsEntry("heapRatio", 1.1)
                .containsEntry("cpuRatio", 1.05)
                .containsEntry("growth", 1.1)
                .containsEntry("heap", 2_200.0)
                .containsEntry("micros", 5.25)
                .containsEntry("perSecond", 10_000.0);
    }

    @Test
    void everyRowAnswersAsManyHeartbeats() {
        for (int sessions : new int[] {2_000, 11_000, 19_000, 101_000, 1_001_000}) {
            assertThat(ScaleSuite.intervalMillis(sessions))
                    .as("%d sessions", sessions)
                    .isEqualTo(sessions / 10 + 25);
        }
        assertThat(ScaleSuite.intervalMillis(1_200)).isEqualTo(150);
        assertThat(ScaleSuite.intervalMillis(10)).isEqualTo(50);
    }

    @Test
    void aSessionWithoutADescriptorBegins() throws Exception {
        SyntheticSessions sessions = new SyntheticSessions();
        assertThat(sessions.tell("grow 2500")).isEqualTo("2500");
        assertThat(Long.parseLong(sessions.tell("pings"))).as("all began").isNotNegative();
        assertThatThrownBy(() -> sessions.tell("dance")).isInstanceOf(IOException.class);
        sessions.close();
    }

    @Test
    void sessionsOfBothKindsAreMeasured() throws Exception {
        ScaleSuite suite = new ScaleSuite();
        Pace instant = new Pace(1, 0.1, 0.2, 0, 1, 0, 1_200);
        Arena arena = new Arena(directory.resolve("logs"), List.of());
        for (Cell cell : suite.cells(instant)) {
            int sessions = Integer.parseInt(cell.load().getOrDefault("sessions", "0"));
            if (sessions <= 1_000) {
                assertThat(suite.measure(cell, cell.contestants().get(0), arena, instant))
                        .containsKeys(suite.columns().stream()
                                .map(Suite.Column::figure)
                                .toArray(String[]::new));
            }
        }
        assertThat(Contestants.byKey("everwire-synthetic")).contains(Contestants.EVERWIRE_SYNTHETIC);
    }
}
