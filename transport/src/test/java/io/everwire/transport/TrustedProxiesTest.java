package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.protocol.ForwardedHop;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose word about a client's address is believed. */
class TrustedProxiesTest {
    private static final TrustedProxies PROXIES = TrustedProxies.of(List.of("10.0.0.0/8", "::1", "2001:db8::/33"));

    private static TrustedProxies.Seen follow(String peer, String... nodes) {
        List<ForwardedHop> hops =
                Stream.of(nodes).map(node -> new ForwardedHop(node, null)).toList();
        return PROXIES.follow(new InetSocketAddress(peer, 4_000), false, hops);
    }

    private static String client(String peer, String... nodes) {
        InetSocketAddress address = follow(peer, nodes).address();
        return address.getAddress().getHostAddress() + " " + address.getPort();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0, true",
        "10.255.255.255, true",
        "11.0.0.0, false",
        "9.255.255.255, false",
        "0:0:0:0:0:0:0:1, true",
        "0:0:0:0:0:0:0:2, false",
        "2001:db8:7fff::1, true",
        "2001:db8:8000::1, false",
        "0:0:0:0:0:ffff:a00:1, true"
    })
    void areKnownByTheFirstBitsOfTheirAddress(String address, boolean isTrusted) {
        assertThat(PROXIES.contains(new InetSocketAddress(address, 0).getAddress()))
                .isEqualTo(isTrusted);
    }

    @Test
    void mayBeEveryone() {
        TrustedProxies all = TrustedProxies.of(List.of("0.0.0.0/0"));
        assertThat(all.contains(NetUtil.createInetAddressFromIpAddressString("203.0.113.9")))
                .isTrue();
        assertThat(all.contains(NetUtil.createInetAddressFromIpAddressString("::1")))
                .isFalse();
    }

    @Test
    void areBelievedUpToTheFirstStranger() {
        assertThat(client("10.0.0.1", "203.0.113.9")).isEqualTo("203.0.113.9 0");
        assertThat(client("10.0.0.1", "10.0.0.2", "203.0.113.9", "198.51.100.1"))
                .isEqualTo("203.0.113.9 0");
        assertThat(client("10.0.0.1", "10.0.0.2")).isEqualTo("10.0.0.2 0");
    }

    @Test
    void areNotBelievedWhenTheyAreStrangers() {
        assertThat(client("203.0.113.9", "198.51.100.1")).isEqualTo("203.0.113.9 4000");
        assertThat(TrustedProxies.of(List.of())
                        .follow(new InetSocketAddress("10.0.0.1", 1), true, List.of(new ForwardedHop("1.1.1.1", false)))
                        .isSecure())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3.4:567, 1.2.3.4 567", "[2001:db8:8000::1]:99, 2001:db8:8000:0:0:0:0:1 99",
        "[2001:db8:8000::1], 2001:db8:8000:0:0:0:0:1 0", "2001:db8:8000::1, 2001:db8:8000:0:0:0:0:1 0"
    })
    void writeAddressesWithAndWithoutPorts(String node, String client) {
        assertThat(client("10.0.0.1", node)).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unknown",
                "_hidden",
                "localhost",
                "example.com",
                "1.2.3",
                "1.2.3.4:",
                "1.2.3.4:x",
                "1.2.3.4:99999",
                "[::1",
                "[::1]x",
                "[1::2]:",
                "fe80::1%lo",
                "1.2.3.4, 5.6.7.8",
                "999.1.1.1"
            })
    void areNotBelievedWhenTheyWriteSomethingElse(String node) {
        assertThat(client("10.0.0.1", node, "203.0.113.9")).isEqualTo("10.0.0.1 4000");
    }

    @Test
    void sayWhetherTheClientSpokeTls() {
        InetSocketAddress proxy = new InetSocketAddress("10.0.0.1", 1);
        assertThat(PROXIES.follow(proxy, false, List.of(new ForwardedHop("1.1.1.1", true)))
                        .isSecure())
                .isTrue();
        assertThat(PROXIES.follow(proxy, true, List.of(new ForwardedHop("1.1.1.1", false)))
                        .isSecure())
                .isFalse();
    }

    @Test
    void sayWhetherTheClientSpokeTlsThoughTheyHideWhoItIs() {
        InetSocketAddress proxy = new InetSocketAddress("10.0.0.1", 1);
        for (String node : new String[] {null, "_hidden", "unknown"}) {
            assertThat(PROXIES.follow(proxy, false, List.of(new ForwardedHop(node, true))))
                    .isEqualTo(new TrustedProxies.Seen(proxy, true));
        }
        InetSocketAddress stranger = new InetSocketAddress("203.0.113.9", 1);
        assertThat(PROXIES.follow(stranger, false, List.of(new ForwardedHop(null, true))))
                .isEqualTo(new TrustedProxies.Seen(stranger, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "*"})
    void areNamedByAddress(String wrong) {
        assertThatThrownBy(() -> TrustedProxies.of(List.of(wrong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no block of addresses");
    }
}
