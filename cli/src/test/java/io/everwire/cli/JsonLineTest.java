package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonLineTest {
    @Test
    void writesMembersInOrderAndTheTimeLast() {
        String line = JsonLine.of("dead")
                .with("id", "c1")
                .with("silentMs", 7004)
                .with("grace", true)
                .at(1_700_000_000_000L);

        assertThat(line)
                .isEqualTo("{\"event\":\"dead\",\"id\":\"c1\",\"silentMs\":7004,\"grace\":true,\"t\":1700000000000}");
    }

    @Test
    void escapesQuotesBackslashesAndControlCharacters() {
        assertThat(JsonLine.of("x")
                        .with("s", "a\"b\\c\nd\re\tf\u0000\u001b\u007f")
                        .at(0))
                .contains("\"s\":\"a\\\"b\\\\c\\nd\\re\\tf\\u0000\\u001b\\u007f\"")
                .doesNotContain("\n");
    }

    @Test
    void escapesNamesToo() {
        assertThat(JsonLine.of("x").with("a\"b", 1).at(0)).contains("\"a\\\"b\":1");
    }

    @Test
    void keepsOtherCharactersAsTheyAre() {
        assertThat(JsonLine.of("x").with("s", "grüße 🔌 /").at(0)).contains("\"s\":\"grüße 🔌 /\"");
    }

    @Test
    void escapesHalfASurrogatePairWhichHasNoUtf8() {
        assertThat(JsonLine.of("x").with("s", "a\ud83d").at(0)).contains("\"a\\ud83d\"");
        assertThat(JsonLine.of("x").with("s", "\udd0ca").at(0)).contains("\"\\udd0ca\"");
    }

    @Test
    void writesWhatIsUnknownAsNull() {
        assertThat(JsonLine.of("x")
                        .withNullable("n", null)
                        .withNullable("m", 5L)
                        .at(0))
                .isEqualTo("{\"event\":\"x\",\"n\":null,\"m\":5,\"t\":0}");
    }

    @Test
    void writesLists() {
        assertThat(JsonLine.of("x")
                        .with("l", List.of("a", "b\""))
                        .with("e", List.of())
                        .at(0))
                .contains("\"l\":[\"a\",\"b\\\"\"],\"e\":[]");
    }
}
