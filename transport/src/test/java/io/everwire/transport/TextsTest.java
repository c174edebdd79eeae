package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextsTest {
    @Test
    void leavesAShortReasonAlone() {
        assertThat(Texts.limited("x".repeat(123))).hasSize(123);
    }

    @Test
    void cutsAReasonBetweenCharacters() {
        for (String character : new String[] {"x", "ä", "€", "😀"}) {
            for (int shift = 0; shift < 4; shift++) {
                String cut = Texts.limited("y".repeat(shift) + character.repeat(200));
                assertThat(cut.getBytes(StandardCharsets.UTF_8).length).isBetween(120, 123);
                assertThat(cut.substring(shift).replace(character, "")).isEmpty();
            }
        }
    }

    @Test
    void makesWhatAPeerSentFitForALogLine() {
        assertThat(Texts.printable("a\r\nb\u001b[31m\0")).isEqualTo("a??b?[31m?");
        assertThat(Texts.printable("x".repeat(201))).hasSize(201).endsWith("…");
    }

    @Test
    void letsNoOtherLineSeparatorPass() {
        assertThat(Texts.printable("a\u2028b\u2029c\u0085d")).isEqualTo("a?b?c?d");
    }
}
