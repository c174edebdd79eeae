package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LineWriterTest {
    private final ByteArrayOutputStream target = new ByteArrayOutputStream();

    private LineWriter writer() {
        return LineWriter.forPeople(new PrintStream(target, false, StandardCharsets.UTF_8));
    }

    @Test
    void writesLinesInOrderAndAllOfThemBeforeItCloses() {
        try (LineWriter lines = writer()) {
            lines.line("one");
            lines.line("two");
        }
        assertThat(target.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo\n");
    }

    @Test
    void keepsTheStatusBelowTheLinesAndTakesItAwayAtTheEnd() {
        String clear = "\r\u001b[K";
        try (LineWriter lines = writer()) {
            lines.status("50 %");
            lines.line("one");
            lines.status("");
            lines.line("two");
        }
        String status = "\u001b[?7l50 %\u001b[?7h";
        assertThat(target.toString(StandardCharsets.UTF_8))
                .isEqualTo(status + clear + "one\n" + status + clear + "two\n");
    }
}
