package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void readsWhatItWrites() {
        Map<String, Object> value = Map.of(
                "text",
                "a \"quoted\" \\ line\n with µ",
                "numbers",
                List.of(1.0, -2.5, 1.5e-7),
                "empty",
                List.of(),
                "nested",
                Map.of("yes", true, "no", false, "none", Map.of()),
                "long",
                "x".repeat(300));
        assertThat(Json.readObject(Json.write(value))).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"a\"}", "{\"a\": }", "[1, 2]", "{} {}", "{\"a\": \"b}"})
    void refusesWhatIsNoObject(String text) {
        assertThatThrownBy(() -> Json.readObject(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
