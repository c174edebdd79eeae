package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The opening handshake of RFC 6455 §4, both sides. */
class OpeningHandshakeTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    /** A head that is right until a test makes it wrong. */
    private static final class Head implements RequestHead, ResponseHead {
        private final Map<String, List<String>> lines = new LinkedHashMap<>();
        private String method = "GET";
        private int major = 1;
        private int minor = 1;
        private int status = 101;

        static Head request() {
            return new Head()
                    .with("Host", "server.example.com")
                    .with("Upgrade", "websocket")
                    .with("Connection", "Upgrade")
                    .with("Sec-WebSocket-Key", KEY)
                    .with("Sec-WebSocket-Version", "13");
        }

        static Head response() {
            return new Head()
                    .with("Upgrade", "websocket")
                    .with("Connection", "Upgrade")
                    .with("Sec-WebSocket-Accept", ACCEPT);
        }

        Head with(String name, String... values) {
            lines.put(name.toLowerCase(Locale.ROOT), List.of(values));
            return this;
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public int majorVersion() {
            return major;
        }

        @Override
        public int minorVersion() {
            return minor;
        }

        @Override
        public int status() {
            return status;
        }

        @Override
        public List<String> headers(String name) {
            return lines.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
        }
    }

    private static void assertRefused(int status, Head request, String reason) {
        ServerVerdict verdict = OpeningHandshake.judgeRequest(request);
        assertThat(verdict.reason()).contains(reason);
        assertThat(verdict.status()).isEqualTo(status);
        assertThat(verdict.isAcceptable()).isFalse();
    }

    private static void assertAcceptable(Head request) {
        ServerVerdict verdict = OpeningHandshake.judgeRequest(request);
        assertThat(verdict).isEqualTo(new ServerVerdict(101, "", Map.of()));
        assertThat(verdict.isAcceptable()).isTrue();
    }

    @Nested
    class Section4_2_1_ServerJudgesTheRequest {
        @Test
        void acceptsTheExampleOfSection1_3() {
            assertAcceptable(Head.request().with("Sec-WebSocket-Protocol", "chat, superchat"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "CONNECT", "get", "HEAD", ""})
        void refusesEveryMethodButGet(String method) {
            Head request = Head.request();
            request.method = method;
            assertRefused(405, request, "the method is \"" + method + "\"; an upgrade must be a GET request");
            assertThat(OpeningHandshake.judgeRequest(request).headers()).containsEntry("Allow", "GET");
        }

        @ParameterizedTest
        @CsvSource({"1, 0, 400", "0, 9, 400", "1, 1, 101", "1, 2, 101", "2, 0, 101"})
        void requiresHttp11(int major, int minor, int status) {
            Head request = Head.request();
            request.major = major;
            request.minor = minor;
            assertThat(OpeningHandshake.judgeRequest(request).status()).isEqualTo(status);
        }

        @Test
        void requiresExactlyOneHost() {
            assertRefused(400, Head.request().with("Host"), "the request has 0 Host headers");
            assertRefused(400, Head.request().with("Host", "a", "a"), "the request has 2 Host headers");
        }

        @Test
        void requiresTheUpgradeToWebsocketInAnyCase() {
            assertAcceptable(Head.request().with("Upgrade", "WebSocket"));
            assertAcceptable(Head.request().with("Upgrade", "h2c,\twebsocket "));
            assertAcceptable(Head.request().with("Upgrade", "h2c", "websocket"));
            assertRefused(400, Head.request().with("Upgrade"), "the Upgrade header is none");
            assertRefused(400, Head.request().with("Upgrade", "h2c"), "the Upgrade header is \"h2c\"");
            assertRefused(400, Head.request().with("Upgrade", "websockets"), "must contain websocket");
            assertRefused(400, Head.request().with("Upgrade", "web socket"), "must contain websocket");
        }

        @Test
        void requiresTheConnectionTokenUpgradeInAnyCase() {
            assertAcceptable(Head.request().with("Connection", "keep-alive, UPGRADE"));
            assertAcceptable(Head.request().with("Connection", "keep-alive", ",upgrade,"));
            assertRefused(400, Head.request().with("Connection"), "the Connection header is none");
            assertRefused(400, Head.request().with("Connection", "keep-alive"), "\"keep-alive\"");
            assertRefused(400, Head.request().with("Connection", "upgraded"), "must contain Upgrade");
        }

        @DisplayName("SMG-01: another version")
        @ParameterizedTest
        @ValueSource(strings = {"12", "8", "14", "013", "+13", "13, 8", "", "websocket"})
        void refusesEveryVersionBut13AndSaysSo(String version) {
            Head request = Head.request().with("Sec-WebSocket-Version", version);
            assertRefused(426, request, "the Sec-WebSocket-Version is \"" + version + "\"; only 13 is supported");
            assertThat(OpeningHandshake.judgeRequest(request).headers())
                    .containsEntry("Sec-WebSocket-Version", "13")
                    .containsEntry("Upgrade", "websocket");
        }

        @Test
        void requiresExactlyOneVersion() {
            assertRefused(426, Head.request().with("Sec-WebSocket-Version"), "is none");
            assertRefused(426, Head.request().with("Sec-WebSocket-Version", "13", "13"), "\"13, 13\"");
        }

        @Test
        void requiresExactlyOneValidKey() {
            assertRefused(400, Head.request().with("Sec-WebSocket-Key"), "the Sec-WebSocket-Key is none");
            assertRefused(400, Head.request().with("Sec-WebSocket-Key", KEY, KEY), "exactly one");
            assertRefused(400, Head.request().with("Sec-WebSocket-Key", "short"), "16 bytes in base64");
        }

        @ParameterizedTest
        @ValueSource(strings = {"1", "10000000000", "00", "-1", "+0", "0, 0", "0, 5", "x", ""})
        void refusesABodyByItsLength(String length) {
            assertRefused(400, Head.request().with("Content-Length", length), "must not have a body");
        }

        @DisplayName("SMG-02: an upgrade with a body")
        @ParameterizedTest
        @ValueSource(strings = {"chunked", "identity", "gzip, chunked", ""})
        void refusesABodyByItsEncoding(String encoding) {
            assertRefused(400, Head.request().with("Transfer-Encoding", encoding), "must not have a body");
        }

        @Test
        void acceptsALengthOfZero() {
            assertAcceptable(Head.request().with("Content-Length", "0"));
            assertRefused(400, Head.request().with("Content-Length", "0", "1"), "Content-Length \"1\"");
        }

        @Test
        void refusesSubprotocolsThatAreNoTokens() {
            assertRefused(400, Head.request().with("Sec-WebSocket-Protocol", "chat room"), "is not a token");
        }

        @Test
        void saysWhatItSawWithoutControlCharactersAndNotAtLength() {
            Head hostile = Head.request().with("Upgrade", "a\r\nSet-Cookie: x\u001b[2J\u0000\"é" + "z".repeat(100_000));
            String reason = OpeningHandshake.judgeRequest(hostile).reason();
            assertThat(reason)
                    .matches("[ -~]+")
                    .contains("\"a??Set-Cookie: x?[2J???zzz")
                    .hasSizeLessThan(200);
        }
    }

    @Nested
    class Section4_2_2_Accept {
        @Test
        void isTheExampleOfSection1_3() {
            assertThat(OpeningHandshake.accept(KEY)).isEqualTo(ACCEPT);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {KEY, "AQIDBAUGBwgJCgsMDQ4PEC==", "AAAAAAAAAAAAAAAAAAAAAA==", "//////////////////////=="})
        void provesKeysOfSixteenBytes(String key) {
            assertThat(OpeningHandshake.isValidKey(key)).isTrue();
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(
                strings = {
                    "",
                    "dGhlIHNhbXBsZSBub25jZQ",
                    "dGhlIHNhbXBsZSBub25jZQ=",
                    "dGhlIHNhbXBsZSBub25jZWE=",
                    "dGhlIHNhbXBsZSBub25jZWFh",
                    " dGhlIHNhbXBsZSBub25jZQ==",
                    "dGhlIHNhbXBsZSBub25j_Q==",
                    "dGhlIHNhbXBsZSBub25 ZQ==",
                    "dGhlIHNhbXBsZSBub2===ZQ=",
                    "========================"
                })
        void refusesOtherKeys(String key) {
            assertThat(OpeningHandshake.isValidKey(key)).isFalse();
        }
    }

    @Nested
    class Section11_3_4_Subprotocols {
        @Test
        void areListedInTheOrderOfAllLines() {
            assertThat(OpeningHandshake.parseSubprotocols(List.of("chat, superchat", "v1.everwire,\tChat")))
                    .containsExactly("chat", "superchat", "v1.everwire", "Chat");
            assertThat(OpeningHandshake.parseSubprotocols(List.of())).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", ",", "a,,b", "a, ", "a b", "a;q=1", "é", "a/b", "\"a\"", "a\u0000", "(a)", "a\u00a0"})
        void refusesWhatIsNotAToken(String value) {
            assertThatThrownBy(() -> OpeningHandshake.parseSubprotocols(List.of(value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is not a token");
        }

        @Test
        void refusesDuplicates() {
            assertThatThrownBy(() -> OpeningHandshake.parseSubprotocols(List.of("a, b", "a")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the subprotocol \"a\" is offered twice; offer each once");
        }

        @DisplayName("HS-02: long lists cost linear time")
        @Test
        void readsEachCharacterOfALongListAFixedNumberOfTimes() {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 50_000; i++) {
                names.add("p" + i);
            }
            assertThat(OpeningHandshake.parseSubprotocols(List.of(String.join(" \t ,  ", names))))
                    .isEqualTo(names);
            String blanks = " ".repeat(1_000_000);
            assertThatThrownBy(() -> OpeningHandshake.parseSubprotocols(List.of("a" + blanks + "b")))
                    .hasMessageContaining("is not a token");
        }
    }

    @Nested
    class Section4_1_ClientJudgesTheResponse {
        private static final List<String> OFFERED = List.of("chat", "superchat");

        private static ClientVerdict judge(Head response) {
            return OpeningHandshake.judgeResponse(response, KEY, OFFERED);
        }

        private static void assertFailed(Head response, String failure) {
            ClientVerdict verdict = judge(response);
            assertThat(verdict.isOpen()).isFalse();
            assertThat(verdict.failure()).contains(failure);
            assertThat(verdict.subprotocol()).isNull();
        }

        @Test
        void acceptsTheExampleOfSection1_3() {
            assertThat(judge(Head.response().with("Sec-WebSocket-Protocol", "chat")))
                    .isEqualTo(new ClientVerdict(null, "chat", null));
        }

        @Test
        void acceptsAResponseWithoutASubprotocol() {
            assertThat(judge(Head.response())).isEqualTo(new ClientVerdict(null, null, null));
            assertThat(judge(Head.response()).isOpen()).isTrue();
        }

        @DisplayName("SMG-03: another status")
        @ParameterizedTest
        @CsvSource({
            "100, check the URL",
            "200, check the URL",
            "102, check the URL",
            "302, redirects are not followed",
            "401, check the credentials",
            "404, check the URL",
            "426, check the URL",
            "503, try again later",
            "0, check the URL"
        })
        void failsOnEveryStatusBut101(int status, String advice) {
            Head response = Head.response();
            response.status = status;
            assertFailed(response, "the server answered " + status + " instead of 101 Switching Protocols; ");
            assertFailed(response, advice);
        }

        @Test
        void requiresTheUpgradeToWebsocketInAnyCase() {
            assertThat(judge(Head.response().with("Upgrade", "WebSocket")).isOpen())
                    .isTrue();
            assertFailed(Head.response().with("Upgrade"), "Upgrade header is none instead of websocket");
            assertFailed(Head.response().with("Upgrade", "h2c"), "Upgrade header is \"h2c\" instead of websocket");
            assertFailed(Head.response().with("Upgrade", "websocket", "h2c"), "instead of websocket");
        }

        @Test
        void requiresTheConnectionTokenUpgradeInAnyCase() {
            assertThat(judge(Head.response().with("Connection", "x, upgrade")).isOpen())
                    .isTrue();
            assertFailed(Head.response().with("Connection"), "Connection header is none and lacks Upgrade");
            assertFailed(Head.response().with("Connection", "close"), "Connection header is \"close\"");
        }

        @Test
        void requiresTheRightAcceptExactlyOnce() {
            assertFailed(Head.response().with("Sec-WebSocket-Accept"), "Sec-WebSocket-Accept is none");
            assertFailed(Head.response().with("Sec-WebSocket-Accept", ACCEPT, ACCEPT), "instead of \"" + ACCEPT);
            assertFailed(Head.response().with("Sec-WebSocket-Accept", KEY), "instead of \"" + ACCEPT);
            assertFailed(
                    Head.response().with("Sec-WebSocket-Accept", ACCEPT.toLowerCase(Locale.ROOT)),
                    "what answered is a cache or no WebSocket server");
        }

        @Test
        void failsOnAnyExtensionForNoneWasOffered() {
            assertFailed(
                    Head.response().with("Sec-WebSocket-Extensions", "permessage-deflate"),
                    "the server selected the extensions \"permessage-deflate\"");
            assertFailed(Head.response().with("Sec-WebSocket-Extensions", "", "x"), "extensions \"x\"");
            assertThat(judge(Head.response().with("Sec-WebSocket-Extensions", " "))
                            .isOpen())
                    .isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"other", "Chat", "chat, superchat", "", "chat "})
        void failsOnASubprotocolThatWasNotOffered(String selected) {
            assertFailed(
                    Head.response().with("Sec-WebSocket-Protocol", selected),
                    "the server selected the subprotocol \"" + selected
                            + "\"; it must be one of those offered, \"chat, superchat\"");
        }

        @Test
        void failsOnTwoSubprotocols() {
            assertFailed(Head.response().with("Sec-WebSocket-Protocol", "chat", "chat"), "\"chat, chat\"");
        }

        @Test
        void failsOnASubprotocolWhenNoneWasOffered() {
            Head response = Head.response().with("Sec-WebSocket-Protocol", "chat");
            assertThat(OpeningHandshake.judgeResponse(response, KEY, List.of()).failure())
                    .contains("one of those offered, none");
        }
    }
}
