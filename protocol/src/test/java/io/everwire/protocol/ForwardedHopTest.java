package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7239: what proxies say of whoever connected to them. */
class ForwardedHopTest {
    private static List<ForwardedHop> forwarded(String... lines) {
        return ForwardedHop.parse(List.of(lines), List.of(), List.of());
    }

    @Test
    void readsTheNearestFirst() {
        assertThat(forwarded(
                        "for=192.0.2.43, for=\"[2001:db8:cafe::17]:4711\"; proto=HTTPS",
                        "By=_b;For=10.0.0.1;proto=http"))
                .containsExactly(
                        new ForwardedHop("10.0.0.1", false),
                        new ForwardedHop("[2001:db8:cafe::17]:4711", true),
                        new ForwardedHop("192.0.2.43", null));
    }

    @Test
    void readsEscapesAndSeparatorsInsideQuotes() {
        assertThat(forwarded("for=\"a,b;\\\"c\"")).containsExactly(new ForwardedHop("a,b;\"c", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "for",
                "for=",
                "for=\"x",
                "for=1.2.3.4;",
                "for=1.2.3.4,",
                "for=[::1]",
                "=x",
                "for = x",
                "for=x y"
            })
    void believesNothingLeftOfWhatIsMalformed(String line) {
        assertThat(forwarded("for=1.1.1.1", line, "for=2.2.2.2")).containsExactly(new ForwardedHop("2.2.2.2", null));
        assertThat(forwarded(line)).isEmpty();
    }

    @Test
    void prefersForwardedToTheOlderHeaders() {
        assertThat(ForwardedHop.parse(List.of("for=1.1.1.1"), List.of("2.2.2.2"), List.of("https")))
                .containsExactly(new ForwardedHop("1.1.1.1", null));
    }

    @Test
    void pairsTheOlderHeadersWhenTheyAreOfOneLength() {
        assertThat(ForwardedHop.parse(List.of(), List.of("1.1.1.1, 2.2.2.2"), List.of("https,http")))
                .containsExactly(new ForwardedHop("2.2.2.2", false), new ForwardedHop("1.1.1.1", true));
        assertThat(ForwardedHop.parse(List.of(), List.of("1.1.1.1", "2.2.2.2"), List.of("https")))
                .containsExactly(new ForwardedHop("2.2.2.2", true), new ForwardedHop("1.1.1.1", true));
        assertThat(ForwardedHop.parse(List.of(), List.of(), List.of("http, https")))
                .containsExactly(new ForwardedHop(null, true));
    }

    @Test
    void readsNoMoreThanThirtyTwo() {
        String[] many = new String[100];
        java.util.Arrays.fill(many, "for=1.1.1.1, for=2.2.2.2");
        assertThat(forwarded(many)).hasSize(32);
        assertThat(ForwardedHop.parse(List.of(), List.of("1.1.1.1,".repeat(100)), List.of()))
                .hasSize(32);
    }
}
