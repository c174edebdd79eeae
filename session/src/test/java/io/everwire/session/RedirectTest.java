package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ConnectRequest;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {
    private static final ConnectRequest FROM = ConnectRequest.to("ws://a.example/path?q=1")
            .withHeader("Authorization", "Bearer x")
            .withHeader("Cookie", "c=1")
            .withHeader("X-Own", "1")
            .withSubprotocols("chat");

    private static ConnectRequest followed(Redirect redirect) {
        return Objects.requireNonNull(redirect.request(), redirect.refusal());
    }

    @ParameterizedTest
    @CsvSource({
        "/other, ws://a.example/other",
        "http://a.example/b, ws://a.example/b",
        "ws://a.example:80/, ws://a.example:80/",
        "b?x=2, ws://a.example/b?x=2",
        "HTTP://a.example/b, ws://a.example/b"
    })
    void keepsEverythingWithinAnOrigin(String location, String target) {
        Redirect redirect = Redirect.follow(FROM, location, 0);

        assertThat(redirect.refusal()).isEmpty();
        ConnectRequest next = followed(redirect);
        assertThat(next.uri()).hasToString(target);
        assertThat(next.headers()).isEqualTo(FROM.headers());
        assertThat(next.subprotocols()).containsExactly("chat");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ws://b.example/",
                "ws://a.example:8080/",
                "//b.example/x",
                "wss://a.example/",
                "https://a.example/"
            })
    void dropsCredentialsAcrossOriginsAndOnTheWayBack(String location) {
        ConnectRequest away = followed(Redirect.follow(FROM, location, 0));
        assertThat(away.headers()).extracting(Map.Entry::getKey).containsExactly("X-Own");

        String home = away.isSecure() ? "wss://a.example:444/path" : "ws://a.example/path";
        ConnectRequest back = followed(Redirect.follow(away, home, 1));
        assertThat(back.headers()).extracting(Map.Entry::getKey).containsExactly("X-Own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://a.example/", "http:///nowhere", "::", "ws://a.example/#part", ""})
    void refusesWhereItCannotFollow(String location) {
        Redirect redirect = Redirect.follow(FROM, location, 0);

        assertThat(redirect.request() == null || location.isEmpty()).isTrue();
        assertThat(redirect.refusal().isEmpty()).isEqualTo(redirect.request() != null);
    }

    @ParameterizedTest
    @CsvSource({
        "/b, wss://a.example/b",
        "https://b.example/, wss://b.example/",
        "wss://a.example:444/, wss://a.example:444/"
    })
    void staysInsideTls(String location, String target) {
        ConnectRequest secure = ConnectRequest.to("wss://a.example/path").withHeader("Cookie", "c=1");
        ConnectRequest next = followed(Redirect.follow(secure, location, 0));

        assertThat(next.uri()).hasToString(target);
        assertThat(next.headers().isEmpty()).isEqualTo(!location.equals("/b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://a.example/", "http://a.example/", "HTTP://a.example:443/"})
    void neverLeavesTls(String location) {
        Redirect redirect = Redirect.follow(ConnectRequest.to("wss://a.example/path"), location, 0);

        assertThat(redirect.request()).isNull();
        assertThat(redirect.refusal()).contains("out of TLS");
    }

    @Test
    void repeatsNoQueryOfALocationThatIsNoUrl() {
        Redirect redirect = Redirect.follow(FROM, "https://a.example/?token=secret and more", 0);

        assertThat(redirect.refusal()).contains("is no URL").doesNotContain("secret");
    }

    @Test
    void refusesARedirectWithoutATarget() {
        assertThat(Redirect.follow(FROM, null, 0).refusal()).contains("without saying where");
    }

    @Test
    void followsFiveInOneAttemptAndNoSixth() {
        assertThat(Redirect.follow(FROM, "/again", 4).request()).isNotNull();
        assertThat(Redirect.follow(FROM, "/again", 5).refusal())
                .contains("6 times")
                .contains("5 are followed");
    }

    @Test
    void knowsTheStatusesThatRedirect() {
        assertThat(Redirect.isRedirect(302)).isTrue();
        assertThat(Redirect.isRedirect(304)).isFalse();
        assertThat(Redirect.isRedirect(200)).isFalse();
    }
}
