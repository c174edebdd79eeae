package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How many connections a server takes. */
class PlacesTest {
    private static InetAddress address(String text) {
        return new InetSocketAddress(text, 0).getAddress();
    }

    @Test
    void areTakenAndGivenBack() {
        Places places = new Places(2, Integer.MAX_VALUE);
        assertThat(List.of(places.enter(), places.enter(), places.enter())).containsExactly(true, true, false);
        places.leave();
        assertThat(places.enter()).isTrue();
        assertThat(places.taken()).isEqualTo(2);
    }

    @Test
    void areCountedPerAddressAndPerHouseholdOfIpv6() {
        Places places = new Places(100, 1);
        assertThat(places.enter(address("192.0.2.1"))).isTrue();
        assertThat(places.enter(address("192.0.2.1"))).isFalse();
        assertThat(places.enter(address("192.0.2.2"))).isTrue();
        assertThat(places.enter(address("2001:db8:0:1::1"))).isTrue();
        assertThat(places.enter(address("2001:db8:0:1:ffff::2"))).isFalse();
        assertThat(places.enter(address("2001:db8:0:2::1"))).isTrue();
        for (String left : List.of("192.0.2.1", "192.0.2.2", "2001:db8:0:1::9", "2001:db8:0:2::1")) {
            places.leave(address(left));
        }
        assertThat(places.addresses()).as("nothing is kept of who has left").isZero();
    }

    @Test
    void areNeverMoreThanTheMaximumWhoeverAsksAtOnce() {
        Places places = new Places(50, 20);
        InetAddress one = address("192.0.2.1");
        List<CompletableFuture<int[]>> runs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            runs.add(CompletableFuture.supplyAsync(() -> {
                int[] taken = new int[2];
                for (int n = 0; n < 100; n++) {
                    taken[0] += places.enter() ? 1 : 0;
                    taken[1] += places.enter(one) ? 1 : 0;
                }
                return taken;
            }));
        }
        assertThat(runs.stream().mapToInt(run -> run.join()[0]).sum()).isEqualTo(50);
        assertThat(runs.stream().mapToInt(run -> run.join()[1]).sum()).isEqualTo(20);
    }

    @Test
    void ofHandshakesGoToTheNewestWhenThereIsNoOther() {
        OldestFirst<String> handshakes = new OldestFirst<>(2);
        assertThat(handshakes.add("a", 0)).isNull();
        assertThat(handshakes.add("b", 10)).isNull();
        assertThat(handshakes.add("c", 20)).isEqualTo("a");
        handshakes.remove("b");
        assertThat(handshakes.add("d", 30)).isNull();
        assertThat(handshakes.size()).isEqualTo(2);
    }

    @Test
    void ofSlowHandshakesGoToNewcomersOnly() {
        OldestFirst<String> handshakes = new OldestFirst<>(9);
        assertThat(handshakes.pollOlderThan(5, 100)).isNull();
        handshakes.add("a", 0);
        handshakes.add("b", 4);
        assertThat(handshakes.pollOlderThan(5, 4)).isNull();
        assertThat(handshakes.pollOlderThan(5, 5)).isEqualTo("a");
        assertThat(handshakes.pollOlderThan(5, 5)).isNull();
    }
}
