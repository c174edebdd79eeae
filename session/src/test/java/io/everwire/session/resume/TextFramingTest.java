package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.session.resume.TextFraming.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextFramingTest {
    private static Kind kindOf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte garbage = 0;
        return TextFraming.kindOf(
                bytes.length, bytes.length > 0 ? bytes[0] : garbage, bytes.length > 1 ? bytes[1] : garbage);
    }

    @Test
    void takesTextForWhatItIs() {
        assertThat(kindOf("")).isEqualTo(Kind.DATA);
        assertThat(kindOf("a")).isEqualTo(Kind.DATA);
        assertThat(kindOf("a\0")).isEqualTo(Kind.DATA);
        assertThat(kindOf("\u0100")).isEqualTo(Kind.DATA);
        assertThat(kindOf("\0\0")).isEqualTo(Kind.ESCAPED);
        assertThat(kindOf("\0\0ack n=1")).isEqualTo(Kind.ESCAPED);
        assertThat(kindOf("\0\0\0")).isEqualTo(Kind.ESCAPED);
        assertThat(kindOf("\0ack n=1")).isEqualTo(Kind.CONTROL);
        assertThat(kindOf("\0\u00fc")).isEqualTo(Kind.CONTROL);
    }

    @Test
    void takesOneZeroAloneForAControlMessageThatIsMalformed() {
        assertThat(kindOf("\0")).isEqualTo(Kind.CONTROL);
        assertThatThrownBy(() -> ControlCodec.parse(new byte[] {0})).isInstanceOf(MalformedControlException.class);
    }

    @Test
    void escapesWhatBeginsWithZeroAndNothingElse() {
        for (int first = -128; first < 128; first++) {
            assertThat(TextFraming.needsEscape((byte) first)).isEqualTo(first == 0);
            if (first != 0) {
                assertThat(TextFraming.kindOf(2, (byte) first, (byte) 0)).isEqualTo(Kind.DATA);
            }
        }
    }
}
