package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6454: what an origin is. */
class WebOriginTest {
    @Test
    void hasThePortOfItsSchemeWhenNoneIsWritten() {
        assertThat(WebOrigin.parse("https://app.example")).isEqualTo(new WebOrigin("https", "app.example", 443));
        assertThat(WebOrigin.parse("https://app.example:443")).isEqualTo(WebOrigin.parse("https://app.example"));
        assertThat(WebOrigin.parse("http://app.example")).isEqualTo(new WebOrigin("http", "app.example", 80));
        assertThat(WebOrigin.parse("http://[::1]:8080")).isEqualTo(new WebOrigin("http", "[::1]", 8080));
    }

    @Test
    void ofAHostIsReadInAnyCase() {
        assertThat(WebOrigin.ofHost(true, "APP.Example")).isEqualTo(WebOrigin.parse("https://app.example"));
        assertThat(WebOrigin.ofHost(false, "[FE80::1]:81")).isEqualTo(WebOrigin.parse("http://[fe80::1]:81"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "https://",
                "://app.example",
                "https:app.example",
                "https://app.example/",
                "https://app.example/path",
                "https://user@app.example",
                "https://app.example:0",
                "https://app.example:65536",
                "https://app.example:",
                "https://app.example:44x",
                "https://app.example:0443",
                "https://app.example https://other.example",
                "https://App.example",
                "HTTPS://app.example",
                "https://äpp.example",
                "https://app.example?q",
                "https://app.example#f",
                "https://[::1",
                "https://::1",
                "https://[]",
                "https://a\\b"
            })
    void isNothingThatABrowserWouldNotWrite(String text) {
        assertThat(WebOrigin.parse(text)).isNull();
    }
}
