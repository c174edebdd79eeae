package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** When an address has guessed too often. */
class BadClaimsTest {
    private static final InetAddress ATTACKER = address("192.0.2.1");

    private final BadClaims claims = new BadClaims();

    private static InetAddress address(String text) {
        return new InetSocketAddress(text, 0).getAddress();
    }

    private void note(InetAddress from, int times, long now) {
        for (int i = 0; i < times; i++) {
            claims.note(from, now);
        }
    }

    @Test
    void refusesTheEleventhWithinTenSeconds() {
        note(ATTACKER, BadClaims.MOST - 1, -5);
        assertThat(claims.isFlooding(ATTACKER, 0)).isFalse();
        note(ATTACKER, 1, 0);
        assertThat(claims.isFlooding(ATTACKER, BadClaims.WINDOW_NANOS - 6)).isTrue();
        assertThat(claims.isFlooding(ATTACKER, BadClaims.WINDOW_NANOS - 5)).isFalse();
    }

    @Test
    void refusesNobodyElse() {
        note(ATTACKER, 100, 0);
        assertThat(claims.isFlooding(address("192.0.2.2"), 0)).isFalse();
        assertThat(claims.isFlooding(null, 0)).isFalse();
    }

    @Test
    void takesAHouseholdOfIpv6ForOneAddress() {
        note(address("2001:db8:0:1::1"), BadClaims.MOST, 0);
        assertThat(claims.isFlooding(address("2001:db8:0:1:ffff::2"), 0)).isTrue();
        assertThat(claims.isFlooding(address("2001:db8:0:2::1"), 0)).isFalse();
    }

    @Test
    void remembersAtMostSoManyAddressesTheLatest() {
        for (int i = 0; i < 2 * BadClaims.ADDRESSES; i++) {
            note(address("10.0." + i / 250 + "." + i % 250), BadClaims.MOST, i);
        }
        assertThat(claims.addresses()).isEqualTo(BadClaims.ADDRESSES);
        int last = 2 * BadClaims.ADDRESSES - 1;
        assertThat(claims.isFlooding(address("10.0." + last / 250 + "." + last % 250), last))
                .isTrue();
        assertThat(claims.isFlooding(address("10.0.0.0"), last)).isFalse();
    }

    @Test
    void forgetsAddressesWhoseTimeIsOver() {
        note(ATTACKER, 1, 0);
        note(address("192.0.2.2"), 1, BadClaims.WINDOW_NANOS);
        assertThat(claims.addresses()).isEqualTo(1);
    }
}
