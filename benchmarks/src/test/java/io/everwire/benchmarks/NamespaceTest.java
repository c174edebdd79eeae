package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamespaceTest {
    @Test
    void waitsNoLongerForACommandThanItIsTold() {
        Namespace.Ended ended = Namespace.attempt(List.of("sleep", "60"), Duration.ofMillis(50));
        assertThat(ended.isFine()).isFalse();
        assertThat(ended.text()).isEqualTo("it did not end within 50 ms");
    }

    @Test
    void returnsWhatACommandSaysAndHowItEnds() {
        assertThat(Namespace.attempt(List.of("sh", "-c", "echo well; echo done >&2")))
                .isEqualTo(new Namespace.Ended(0, "well\ndone"));
        assertThat(Namespace.attempt(List.of("sh", "-c", "exit 3")).exit()).isEqualTo(3);
        assertThat(Namespace.attempt(List.of("a-command-that-nobody-has")).text())
                .contains("a-command-that-nobody-has");
    }
}
