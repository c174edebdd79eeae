package io.everwire.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class UpgradeTest {
    private static final String ANSWER = String.join(
            "\r\n",
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "",
            "");

    @Test
    void findsTheEndOfAnAnswerHoweverItIsCut() {
        byte[] answer = ANSWER.getBytes(StandardCharsets.US_ASCII);
        for (int part = 1; part <= answer.length; part++) {
            int end = 0;
            for (int at = 0; at < answer.length; at += part) {
                assertThat(end).isNotEqualTo(Upgrade.END);
                byte[] more = Arrays.copyOfRange(answer, at, Math.min(answer.length, at + part));
                end = Upgrade.endAfter(end, more, more.length);
            }
            assertThat(end).as("in parts of %d", part).isEqualTo(Upgrade.END);
        }
    }

    @Test
    void anAnswerIsWholeAlsoWithAPingBehindIt() {
        byte[] more = (ANSWER + "\u0009\u0001x").getBytes(StandardCharsets.US_ASCII);
        assertThat(Upgrade.endAfter(0, more, more.length)).isEqualTo(Upgrade.END);
    }

    @Test
    void refusesWhatLetsNobodyIn() throws LoadException {
        byte[] answer = ANSWER.getBytes(StandardCharsets.US_ASCII);
        Upgrade.check(answer, answer.length);
        assertRefused(ANSWER.replace("101 Switching", "503 Service"));
        assertRefused(ANSWER.replace("s3pPL", "s3pPK"));
    }

    @Test
    void refusesADeflateThatKeepsItsContext() throws LoadException {
        DeflateOffer.check(answer("permessage-deflate; server_no_context_takeover; client_no_context_takeover"));
        for (String agreed : new String[] {"permessage-deflate", "x-other; server_no_context_takeover"}) {
            assertThatThrownBy(() -> DeflateOffer.check(answer(agreed)))
                    .isInstanceOf(LoadException.class)
                    .hasMessageContaining("agreed to '" + agreed + "'");
        }
        assertThatThrownBy(() -> DeflateOffer.check(ANSWER)).hasMessageContaining("agreed to ''");
    }

    private static String answer(String extension) {
        return ANSWER.replace("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Extensions: " + extension);
    }

    private static void assertRefused(String text) {
        byte[] answer = text.getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> Upgrade.check(answer, answer.length))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("HTTP/1.1");
    }
}
