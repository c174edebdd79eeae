package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.ConnectRequest;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.RawPeer;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Characters that would break out of their place in a head: CR, LF, NUL, and those that become CR or LF when cut to a byte. */
class InjectionTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    @DisplayName("INJ-01: every option of a client's request")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r", "\n", "\r\n", "\u0000", "\u010A", "\u560A", "\u010D", "\u560D", "\u0085", "\u2028", "\u007f"
            })
    void refusesWhatWouldBreakOutOfItsPlaceBeforeItConnects(String evil) {
        ConnectRequest good = ConnectRequest.to("ws://127.0.0.1:1/");
        String injected = "a" + evil + "X-Injected: 1";

        assertThatThrownBy(() -> good.withHeader("X-Any", injected)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> good.withHeader("X-" + evil, "1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> good.withSubprotocols(injected)).isInstanceOf(IllegalArgumentException.class);
        for (String url : List.of("ws://127.0.0.1:1/" + evil, "ws://127.0.0.1:1/?q=" + evil, "ws://h" + evil + "/")) {
            // What java.net.URI lets pass is written with percent signs, in ASCII.
            assertWrittenSafely(url);
        }
    }

    @DisplayName("LOG-01: secrets of a URL that cannot be dialed")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://user:s3cret@host/?t=s3cret",
                "ws://user:s3cret@ho st/?t=s3cret",
                "ws://user:s3cret@host/?t=s3cret",
                "ws://user:s3c@ret@host/%?t=s3cret"
            })
    void repeatsNoSecretOfAUrlThatItRefuses(String url) {
        assertThatThrownBy(() -> ConnectRequest.to(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("s3c")
                .hasMessageNotContaining("ret@");
    }

    private static void assertWrittenSafely(String url) {
        ConnectRequest request;
        try {
            request = ConnectRequest.to(url);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).as("one line that can be logged").matches("[^\\r\\n\\x00]*");
            return;
        }
        URI uri = request.uri();
        assertThat(uri.getRawPath() + "?" + uri.getRawQuery() + uri.getHost()).matches("[!-~]*");
    }

    @DisplayName("INJ-02: what a server was configured with, and what it says again of a request")
    @Test
    void writesNothingIntoAnAnswerThatWouldBreakOut() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder().listen("/", echo, "v1", "v1\r\nX-Injected: 1"));
        String[] requests = {
            "GET /x%0d%0aX-Injected:1 HTTP/1.1\r\n" + RawPeer.HEADERS + "\r\n",
            RawPeer.REQUEST.replace("Upgrade: websocket", "Upgrade: a%0d%0aX-Injected: 1"),
            RawPeer.REQUEST.replace("Version: 13", "Version: \u010a\u0001X-Injected: 1"),
            RawPeer.REQUEST.replace(RawPeer.KEY, "\u0001\u001b[31mX-Injected: 1"),
            "GET / HTTP/1.1\r\n" + RawPeer.HEADERS + "Sec-WebSocket-Protocol: v1%0d%0aX-Injected: 1\r\n\r\n"
        };
        for (String request : requests) {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(request);
                String answer = peer.readAll();
                assertThat(answer).startsWith("HTTP/1.1 4").matches("[ -~\r\n]*");
                assertThat(answer.substring(0, answer.indexOf("\r\n\r\n"))).doesNotContain("\r\nX-Injected");
            }
        }
    }
}
