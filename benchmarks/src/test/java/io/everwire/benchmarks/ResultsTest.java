package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private static final Map<String, String> CONDITIONS = Map.of("JDK", "17", "processor", "2 × fast");

    @TempDir
    private Path directory = Path.of("");

    private Path file() {
        return directory.resolve("deep/echo.json");
    }

    @Test
    void goesOnWithWhatWasKeptUnderTheSameConditions() throws IOException {
        Results first = Results.open(file(), CONDITIONS);
        first.add(Measurement.of("64 B", "Everwire", 1, Map.of("perSecond", 123.5, "p50", 7.0)));
        first.add(Measurement.failed("64 B", "Tyrus", 1, "it hung up"));

        Results second = Results.open(file(), CONDITIONS);
        assertThat(second.measurements()).isEqualTo(first.measurements());
        assertThat(second.has("64 B", "Everwire", 1)).isTrue();
        assertThat(second.has("64 B", "Tyrus", 1)).isTrue();
        assertThat(second.has("64 B", "Everwire", 2)).isFalse();
        assertThat(second.has("16 B", "Everwire", 1)).isFalse();
    }

    @Test
    void forgetsWhatWasDisturbed() throws IOException {
        Results first = Results.open(file(), CONDITIONS);
        first.add(Measurement.of("64 B", "Everwire", 1, Map.of("othersBusy", 0.03, "stolen", 0.03)));
        first.add(Measurement.of("64 B", "Everwire", 2, Map.of("othersBusy", 0.04)));

        Results second = Results.open(file(), CONDITIONS);
        assertThat(second.has("64 B", "Everwire", 1)).isFalse();
        assertThat(second.has("64 B", "Everwire", 2)).isTrue();
    }

    @Test
    void beginsAnewUnderOtherConditions() throws IOException {
        Results.open(file(), CONDITIONS).add(Measurement.of("64 B", "Everwire", 1, Map.of("p50", 7.0)));

        Map<String, String> other = Map.of("JDK", "25", "processor", "2 × fast");
        assertThat(Results.open(file(), other).measurements()).isEmpty();
    }

    @Test
    void forgetsWhatWasKeptWhenItIsToldTo() throws IOException {
        Results.open(file(), CONDITIONS).add(Measurement.of("64 B", "Everwire", 1, Map.of("p50", 7.0)));

        Results fresh = Results.fresh(file(), CONDITIONS);
        fresh.add(Measurement.of("64 B", "Everwire", 2, Map.of("p50", 8.0)));
        assertThat(Results.open(file(), CONDITIONS).measurements()).isEqualTo(fresh.measurements());
    }

    @Test
    void isWholeAfterEveryMeasurement() throws IOException {
        Results results = Results.open(file(), CONDITIONS);
        for (int round = 1; round <= 3; round++) {
            results.add(Measurement.of("64 B", "Everwire", round, Map.of("p50", 7.0)));
            assertThat(Results.open(file(), CONDITIONS).measurements()).hasSize(round);
        }
        try (var files = Files.list(directory.resolve("deep"))) {
            assertThat(files).containsExactly(file());
        }
    }
}
