package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.ConnectRequest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which proxy a connection goes through. */
class ProxySelectionTest {
    private static @Nullable ProxyServer of(ProxySelection selection, String url) {
        return selection.proxyFor(ConnectRequest.to(url));
    }

    private static Map<String, String> environment(String... namesAndValues) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return environment;
    }

    @ParameterizedTest
    @CsvSource({
        "http://proxy.example:3128, HTTP, proxy.example, 3128, , ",
        "http://proxy.example/, HTTP, proxy.example, 80, , ",
        "proxy.example:8080, HTTP, proxy.example, 8080, , ",
        "HTTP://me:secret@proxy.example, HTTP, proxy.example, 80, me, secret",
        "socks5://me@10.0.0.1, SOCKS5, 10.0.0.1, 1080, me, ''",
        "socks5h://m%40e:a%3Ab%2F+@[::1]:9050, SOCKS5, [::1], 9050, m@e, a:b/+"
    })
    void readsAProxysUrl(
            String url, String kind, String host, int port, @Nullable String user, @Nullable String password) {
        assertThat(of(ProxySelection.of(url), "ws://localhost/"))
                .isEqualTo(new ProxyServer(ProxyServer.Kind.valueOf(kind), host, port, user, password));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://me:secret@proxy/",
                "ftp://me:secret@proxy/",
                "http://me:sec ret@proxy/",
                "http://me:secret@/",
                "http://me:secret@proxy:0/",
                "http://me:secret@proxy/path",
                "http://me:secret%0d%0aX@proxy/",
                "http://a%3Ab:secret@proxy/",
                "http://:secret@proxy/"
            })
    void refusesWhatIsNoProxyWithoutRepeatingThePassword(String url) {
        assertThatThrownBy(() -> ProxySelection.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .message()
                .doesNotContain("secret")
                .doesNotContain("sec ret");
    }

    @Test
    void neverSaysAPassword() {
        ProxySelection selection = ProxySelection.of("http://me:secret@proxy:1");
        assertThat(selection.toString() + of(selection, "ws://a/"))
                .contains("proxy port 1")
                .doesNotContain("secret")
                .doesNotContain("me:");
    }

    @Test
    void asksTheEnvironmentInLowerCaseFirst() {
        ProxySelection selection = ProxySelection.ofEnvironment(environment(
                "https_proxy", "http://lower:1", "HTTPS_PROXY", "http://upper:1", "HTTP_PROXY", "http://plain:2"));

        assertThat(String.valueOf(of(selection, "wss://a.example/"))).contains("lower");
        assertThat(String.valueOf(of(selection, "ws://a.example/"))).contains("plain");
    }

    @Test
    void fallsBackToTheProxyForAll() {
        ProxySelection selection =
                ProxySelection.ofEnvironment(environment("ALL_PROXY", "socks5://all", "https_proxy", "http://secure"));

        assertThat(String.valueOf(of(selection, "ws://a.example/"))).contains("all port 1080");
        assertThat(String.valueOf(of(selection, "wss://a.example/"))).contains("secure port 80");
    }

    @Test
    void takesNoUpperCaseHttpProxyInACgiProgram() {
        Map<String, String> environment = environment("HTTP_PROXY", "http://forged", "REQUEST_METHOD", "GET");

        assertThat(of(ProxySelection.ofEnvironment(environment), "ws://a.example/"))
                .isNull();
    }

    @Test
    void namesTheVariableThatCannotBeUsed() {
        assertThatThrownBy(() -> ProxySelection.ofEnvironment(environment("https_proxy", "gopher://x:secret@y")))
                .hasMessageContaining("the environment's https_proxy")
                .message()
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://localhost/", "ws://LOCALHOST:9/", "ws://127.3.2.1/", "ws://[::1]/", "ws://[0:0::1]/"})
    void goesDirectToThisMachineWhateverTheEnvironmentSays(String url) {
        assertThat(of(ProxySelection.ofEnvironment(environment("all_proxy", "http://p")), url))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, ws://example.com/, true",
        "example.com, ws://a.EXAMPLE.com/, true",
        "example.com, ws://badexample.com/, false",
        ".example.com, ws://example.com/, false",
        ".example.com, ws://a.b.example.com/, true",
        "*.example.com, ws://a.example.com/, true",
        "EXAMPLE.com, ws://example.com./, true",
        "example.com:81, ws://example.com:81/, true",
        "example.com:81, ws://example.com/, false",
        "example.com:443, wss://example.com/, true",
        "192.168.7.1, ws://192.168.7.1/, true",
        "192.168.7.1:80, ws://192.168.7.1/, true",
        "192.168.7.1, ws://192.168.7.10/, false",
        "192.168.0.0/16, ws://192.168.7.1/, true",
        "192.168.0.0/16, ws://192.169.7.1/, false",
        "10.0.0.0/7, ws://11.255.1.1/, true",
        "0.0.0.0/0, ws://11.255.1.1/, true",
        "0.0.0.0/0, ws://[2001:db8::1]/, false",
        "2001:db8::/32, ws://[2001:db8:5::1]/, true",
        "2001:db8::1, ws://[2001:db8:0::1]/, true",
        "[2001:db8::1]:81, ws://[2001:db8::1]:81/, true",
        "192.168.0.0/33, ws://192.168.0.0/, false",
        "*, wss://anything.example/, true",
        "'a.example , b.example', ws://b.example/, true",
        "'', ws://b.example/, false",
        "',,', ws://b.example/, false"
    })
    void knowsTheExceptions(String rules, String url, boolean isDirect) {
        ProxySelection selection =
                ProxySelection.ofEnvironment(environment("all_proxy", "http://p", "no_proxy", rules));
        assertThat(of(selection, url) == null).isEqualTo(isDirect);
        assertThat(of(ProxySelection.of("http://p").withNoProxy(rules), url) == null)
                .isEqualTo(isDirect);
    }
}
