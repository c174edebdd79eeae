package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455 §10.2: whose pages may connect. */
class OriginPolicyTest {
    private static boolean allows(OriginPolicy policy, String origin) {
        return policy.allows(List.of(origin), "app.example", true);
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example, app.example, true",
        "https://app.example, APP.example:443, true",
        "https://app.example:8443, app.example:8443, true",
        "http://app.example, app.example, false",
        "http://127.0.0.1:9000, 127.0.0.1:9000, false",
        "http://[::1]:9000, [::1]:9000, false"
    })
    void isTheHostsOwnByDefault(String origin, String host, boolean isSecure) {
        assertThat(OriginPolicy.sameHost().allows(List.of(origin), host, isSecure))
                .isTrue();
        assertThat(OriginPolicy.sameHost().allows(List.of(origin), host, !isSecure))
                .as("with the other scheme")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "http://app.example",
                "wss://app.example",
                "https://app.example:444",
                "https://app.example.evil.example",
                "https://evilapp.example",
                "https://evil.example/https://app.example",
                "https://app.example.",
                "https://sub.app.example",
                "https://example",
                "https://app.example@evil.example",
                "https://evil.example@app.example",
                "https://app.example/",
                "https://APP.example",
                "HTTPS://app.example",
                "https://xn--pp-fka.example",
                "https://аpp.example",
                "https://app.example https://evil.example",
                "https://evil.example, https://app.example",
                "https://app.example\tx",
                "*"
            })
    void isNotWhatOnlyLooksLikeIt(String origin) {
        assertThat(allows(OriginPolicy.sameHost(), origin)).isFalse();
        assertThat(allows(OriginPolicy.allow("https://app.example"), origin)).isFalse();
        assertThat(allows(OriginPolicy.allow("https://app.example").orSameHost(), origin))
                .isFalse();
    }

    @Test
    void mayBeAnotherSite() {
        OriginPolicy policy = OriginPolicy.allow("https://one.example", "http://localhost:3000", "app://desk");
        assertThat(allows(policy, "https://one.example")).isTrue();
        assertThat(allows(policy, "http://localhost:3000")).isTrue();
        assertThat(allows(policy, "app://desk")).isTrue();
        assertThat(allows(policy, "https://app.example")).as("the same host").isFalse();
        assertThat(allows(policy.orSameHost(), "https://app.example")).isTrue();
        assertThat(allows(policy.orSameHost(), "https://one.example")).isTrue();
    }

    @Test
    void isNullOnlyByName() {
        assertThat(allows(OriginPolicy.allow("null"), "null")).isTrue();
        assertThat(allows(OriginPolicy.any(), "null")).isTrue();
        assertThat(allows(OriginPolicy.any(), "what ever")).isTrue();
    }

    @Test
    void mayBeAbsentUnlessItIsRequired() {
        for (OriginPolicy policy :
                List.of(OriginPolicy.sameHost(), OriginPolicy.any(), OriginPolicy.allow("https://one.example"))) {
            assertThat(policy.allows(List.of(), "app.example", true)).isTrue();
            assertThat(policy.withOriginRequired().allows(List.of(), "app.example", true))
                    .isFalse();
        }
    }

    @Test
    void isOneAndNotTwo() {
        String own = "https://app.example";
        assertThat(OriginPolicy.sameHost().allows(List.of(own, own), "app.example", true))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.example", "https://app.example/", "https://App.example", "*", ""})
    void isRefusedAtTheStartWhenNoBrowserWouldSendIt(String wrong) {
        assertThatThrownBy(() -> OriginPolicy.allow(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no origin");
    }

    @Test
    void isNamed() {
        assertThatThrownBy(OriginPolicy::allow).hasMessageContaining("name at least one");
    }
}
