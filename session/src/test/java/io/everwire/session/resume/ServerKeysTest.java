package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.everwire.session.resume.Offer.Claim;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerKeysTest {
    private static final ServerKeys KEYS = new ServerKeys(Map.of(7, key(1), 255, key(2)), 255);

    private static byte[] key(int octet) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) octet);
        return key;
    }

    private static Offer signedFor(SessionId sid, byte[] secret) {
        return new Offer(0, 1, 1, 1, new Claim(sid, 1, 0, 1, 1)).sign(secret, "/", List.of());
    }

    private static boolean isAuthentic(SessionId sid, byte[] secret, String principal) {
        return KEYS.isAuthentic(signedFor(sid, secret), principal, "/", List.of());
    }

    @Test
    void nameTheCurrentKeyInNewIds() {
        SessionId sid = KEYS.newId(new byte[15]);

        assertThat(sid.keyId()).isEqualTo(255);
        assertThat(sid.bytes()).startsWith(0xff).endsWith(0);
        assertThatIllegalArgumentException().isThrownBy(() -> KEYS.newId(new byte[16]));
    }

    @Test
    void areNamedByWhatTheyAre() {
        ServerKeys named = ServerKeys.named(key(1));
        SessionId sid = named.newId(new byte[15]);

        assertThat(sid.keyId())
                .isEqualTo(ServerKeys.named(key(1)).newId(new byte[15]).keyId());
        assertThat(named.name(sid)).isTrue();
        assertThat(ServerKeys.named(key(2)).name(sid)).isFalse();
        assertThat(named.isAuthentic(signedFor(sid, named.secretFor(sid, "ann")), "ann", "/", List.of()))
                .isTrue();
    }

    @Test
    void makeASecretForOneSessionAndOnePrincipal() {
        SessionId sid = KEYS.newId(new byte[15]);
        SessionId old = new SessionId(7L << 56, 0);

        assertThat(KEYS.secretFor(sid, "ann"))
                .hasSize(32)
                .isEqualTo(KEYS.secretFor(sid, "ann"))
                .isNotEqualTo(KEYS.secretFor(sid, "bob"))
                .isNotEqualTo(KEYS.secretFor(sid, ""))
                .isNotEqualTo(KEYS.secretFor(old, "ann"));
    }

    @Test
    void believeWhoSignedWithTheirSecret() {
        for (SessionId sid : List.of(KEYS.newId(new byte[15]), new SessionId(7L << 56, 0))) {
            byte[] secret = KEYS.secretFor(sid, "ann");

            assertThat(isAuthentic(sid, secret, "ann")).isTrue();
            assertThat(isAuthentic(sid, secret, "bob")).isFalse();
            assertThat(isAuthentic(new SessionId(sid.high(), 1), secret, "ann")).isFalse();
        }
        assertThat(KEYS.isAuthentic(new Offer(0, 1, 1, 1, null), "ann", "/", List.of()))
                .isFalse();
    }

    @Test
    void believeNobodyUnderTheIdOfNoKey() {
        SessionId foreign = new SessionId(8L << 56, 0);

        // Even who has the very secret that the stand-in key gives is not believed.
        assertThat(isAuthentic(foreign, KEYS.secretFor(foreign, "ann"), "ann")).isFalse();
    }

    @Test
    void areThirtyTwoBytesEach() {
        assertThatIllegalArgumentException().isThrownBy(() -> ServerKeys.of(new byte[31]));
        assertThatIllegalArgumentException().isThrownBy(() -> new ServerKeys(Map.of(256, key(1)), 256));
        assertThatIllegalArgumentException().isThrownBy(() -> new ServerKeys(Map.of(1, key(1)), 2));
    }

    @Test
    void areCopiedAndNeverShown() {
        byte[] key = key(3);
        ServerKeys keys = ServerKeys.of(key);
        byte[] secret = keys.secretFor(Hellos.SID, "ann");
        key[0] ^= 1;

        assertThat(keys.secretFor(Hellos.SID, "ann")).isEqualTo(secret);
        assertThat(keys).hasToString("server keys [0], current 0");
    }
}
