package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.session.resume.Offer.Claim;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OfferTest {
    private static final long MOST = 9_007_199_254_740_991L;
    /** The varint of 1,048,512: a window of 1 MiB less 64. */
    private static final String MAX = "c0ff3f";

    private static final String NEW = "0100" + "0000000000000001" + "8008" + "8008" + MAX;
    private static final String SID = "000102030405060708090a0b0c0d0e0f";
    private static final String MAC = "ffffffffffffffffffffffffffffffff";

    private static String token(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return Offer.TOKEN_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static @Nullable Offer find(String hex) throws MalformedOfferException {
        return Offer.find(List.of("everwire.v1", token(hex)));
    }

    private static void refuses(String hex, String because) {
        assertThatThrownBy(() -> find(hex))
                .isInstanceOf(MalformedOfferException.class)
                .hasMessageContaining(because);
    }

    @Nested
    class Bytes {
        @Test
        void areThoseOfANewSession() throws MalformedOfferException {
            Offer offer = new Offer(Offer.FLAG_NO_PINGS, 0x0102030405060708L, 1024, 1024, null);

            assertThat(offer.token()).isEqualTo(token("0101" + "0102030405060708" + "8008" + "8008" + MAX));
            assertThat(Offer.find(List.of("everwire.v1", offer.token()))).isEqualTo(offer);
        }

        @Test
        void areThoseOfAClaim() throws MalformedOfferException {
            Claim claim = new Claim(Hellos.SID, 300, 0, 1, 129, HexFormat.of().parseHex(MAC));
            Offer offer = new Offer(0, 1, 1024, 1024, claim);

            assertThat(offer.token()).isEqualTo(token(NEW + SID + "ac02" + "00" + "01" + "8101" + MAC));
            assertThat(Offer.find(List.of("everwire.v1", offer.token())))
                    .isEqualTo(offer)
                    .hasSameHashCodeAs(offer);
        }

        @Test
        void areReadBackWhateverTheNumbers() throws MalformedOfferException {
            for (int seed = 0; seed < 2_000; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                byte[] mac = new byte[16];
                random.nextBytes(mac);
                Claim claim = new Claim(
                        new SessionId(random.nextLong(), random.nextLong()),
                        number(random),
                        number(random),
                        number(random),
                        number(random),
                        mac);
                Offer offer = new Offer(
                        random.nextInt(256),
                        random.nextLong(),
                        1 + random.nextInt(1 << 20),
                        1 + random.nextInt(1 << 20),
                        1 + random.nextInt(1 << 30),
                        random.nextBoolean() ? claim : null);

                assertThat(Offer.find(List.of(offer.token(), "x", "everwire.v1")))
                        .as("seed %d", seed)
                        .isEqualTo(offer);
            }
        }

        private long number(SplittableRandom random) {
            return Math.max(1, (random.nextLong() & MOST) >>> random.nextInt(53));
        }

        @Test
        void areHiddenFromStringsWhereTheyAreWorthSomething() {
            Claim claim = new Claim(Hellos.SID, 1, 0, 1, 1, HexFormat.of().parseHex("deadbeef".repeat(4)));

            assertThat(new Offer(0, 1, 1, 1, claim).toString())
                    .contains(Hellos.SID.toString())
                    .doesNotContain("[B@", "3q2-7w", "deadbeef");
        }
    }

    @Nested
    class Finding {
        @Test
        void isNoneWithoutTheSubprotocol() throws MalformedOfferException {
            assertThat(Offer.find(List.of())).isNull();
            assertThat(Offer.find(List.of("chat", token(NEW)))).isNull();
        }

        @Test
        void wantsExactlyOneOffer() {
            assertThatThrownBy(() -> Offer.find(List.of("everwire.v1")))
                    .isInstanceOf(MalformedOfferException.class)
                    .hasMessageContaining("0 offers");
            assertThatThrownBy(() -> Offer.find(List.of("everwire.v1", token(NEW), token(NEW))))
                    .isInstanceOf(MalformedOfferException.class)
                    .hasMessageContaining("2 offers");
        }

        @Test
        void leavesTheApplicationItsOwn() {
            assertThat(Offer.application(List.of("everwire.v1", token(NEW), "b", "everwire.v2", "a", "everwire.v1.")))
                    .containsExactly("b", "everwire.v2", "a");
        }
    }

    @Nested
    class Strictness {
        @ParameterizedTest
        @ValueSource(strings = {"", "A", "AQ==", "AQA", "****", "AQAAAAAAAAAAAYAIgAjA_z8=", "AQAAAAAAAAAAAYAIgAjA_z9"})
        void refusesOtherSpellings(String base64) {
            assertThatThrownBy(() -> Offer.find(List.of("everwire.v1", Offer.TOKEN_PREFIX + base64)))
                    .isInstanceOf(MalformedOfferException.class);
        }

        @Test
        void refusesWhatIsLongerThanAnyOffer() {
            refuses(NEW + "00".repeat(100), "at most 85 bytes");
        }

        @Test
        void refusesAnotherVersion() {
            refuses("02" + NEW.substring(2), "version 2");
            refuses("00" + NEW.substring(2), "version 0");
        }

        @Test
        void refusesWhatEndsTooSoonOrTooLate() throws MalformedOfferException {
            String whole = NEW + SID + "01" + "00" + "01" + "01" + MAC;
            assertThat(find(whole)).isNotNull();
            for (int length = 0; length < whole.length(); length += 2) {
                if (length != NEW.length()) {
                    String cut = whole.substring(0, length);
                    assertThatThrownBy(() -> find(cut)).isInstanceOf(MalformedOfferException.class);
                }
            }
            refuses(whole + "00", "1 bytes after its mac");
        }

        @Test
        void refusesVarintsThatAreTooLargeOrTooLong() throws MalformedOfferException {
            String start = NEW + SID;
            String end = "00" + "01" + "01" + MAC;
            Claim most = Objects.requireNonNull(Objects.requireNonNull(find(start + "ffffffffffffff0f" + end))
                    .claim());
            assertThat(most.attempt()).isEqualTo(MOST);
            for (String varint : new String[] {
                "8080808080808010", // 2^53
                "ffffffffffffff7f", // 2^56 - 1
                "ffffffffffffffffff01", // -1 as 64 bits
                "80808080808080808001", // 2^63
                "ffffffffffffffffffffff",
                "8100", // 1 in two bytes
                "8180808080808000"
            }) {
                assertThatThrownBy(() -> find(start + varint + end)).isInstanceOf(MalformedOfferException.class);
            }
        }

        @Test
        void refusesNumbersThatCountNothing() {
            refuses(NEW + SID + "00" + "00" + "01" + "01" + MAC, "attempt");
            refuses(NEW + SID + "01" + "00" + "00" + "01" + MAC, "first");
            refuses(NEW + SID + "01" + "00" + "01" + "00" + MAC, "next");
        }

        @Test
        void refusesWindowsOutOfBounds() {
            String start = "0100" + "0000000000000001";
            refuses(start + "00" + "01" + "01", "window in KiB is 0");
            refuses(start + "01" + "00" + "01", "window in messages is 0");
            refuses(start + "818040" + "01" + "01", "window in KiB is 1048577");
            refuses(start + "01" + "818040" + "01", "window in messages is 1048577");
            refuses(start + "01" + "01" + "00", "largest message in bytes is 0");
            refuses(start + "01" + "01" + "8180808004", "largest message in bytes is 1073741825");
            assertThatIllegalArgumentException().isThrownBy(() -> new Offer(256, 0, 1, 1, null));
            assertThatIllegalArgumentException().isThrownBy(() -> new Offer(0, 0, 0, 1, null));
        }

        @Test
        void complainsOrReadsWhateverStandsThere() {
            for (int seed = 0; seed < 20_000; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                byte[] bytes = new byte[random.nextInt(90)];
                random.nextBytes(bytes);
                if (bytes.length > 0) {
                    bytes[0] = 1;
                }
                String token = token(HexFormat.of().formatHex(bytes));
                try {
                    Offer offer = Objects.requireNonNull(Offer.find(List.of("everwire.v1", token)));
                    assertThat(offer.token()).as("seed %d", seed).isEqualTo(token);
                } catch (MalformedOfferException e) {
                    assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
                }
            }
        }
    }

    @Nested
    class Macs {
        private final Offer claiming = new Offer(0, 7, 1024, 1024, new Claim(Hellos.SID, 2, 3, 4, 5));
        private final Offer signed = claiming.sign(Hellos.SECRET, "/feed", List.of("a", "b"));

        private boolean isSigned(Offer offer) {
            return offer.isSignedBy(Hellos.SECRET, "/feed", List.of("a", "b"));
        }

        private Offer with(Claim claim) {
            return new Offer(0, 7, 1024, 1024, claim);
        }

        @Test
        void areKnownAgain() throws MalformedOfferException {
            assertThat(isSigned(signed)).isTrue();
            Offer found = Objects.requireNonNull(Offer.find(List.of("everwire.v1", signed.token(), "a", "b")));
            assertThat(isSigned(found)).isTrue();
            assertThat(isSigned(claiming)).isFalse();
        }

        @Test
        void coverEveryFieldOfTheOffer() {
            byte[] mac = Objects.requireNonNull(signed.claim()).mac();
            assertThat(isSigned(with(new Claim(Hellos.SID, 2, 3, 4, 5, mac)))).isTrue();
            assertThat(isSigned(with(new Claim(new SessionId(0, 0), 2, 3, 4, 5, mac))))
                    .isFalse();
            assertThat(isSigned(with(new Claim(Hellos.SID, 3, 3, 4, 5, mac)))).isFalse();
            assertThat(isSigned(with(new Claim(Hellos.SID, 2, 4, 4, 5, mac)))).isFalse();
            assertThat(isSigned(with(new Claim(Hellos.SID, 2, 3, 3, 5, mac)))).isFalse();
            assertThat(isSigned(with(new Claim(Hellos.SID, 2, 3, 4, 6, mac)))).isFalse();
            assertThat(isSigned(new Offer(1, 7, 1024, 1024, signed.claim()))).isFalse();
            assertThat(isSigned(new Offer(0, 8, 1024, 1024, signed.claim()))).isFalse();
            assertThat(isSigned(new Offer(0, 7, 1023, 1024, signed.claim()))).isFalse();
            assertThat(isSigned(new Offer(0, 7, 1024, 1023, signed.claim()))).isFalse();
            assertThat(isSigned(new Offer(0, 7, 1024, 1024, 1023, signed.claim())))
                    .isFalse();
        }

        @Test
        void coverEveryBitOfTheMac() {
            for (int bit = 0; bit < 128; bit++) {
                byte[] mac = Objects.requireNonNull(signed.claim()).mac();
                mac[bit / 8] ^= (byte) (1 << bit % 8);
                assertThat(isSigned(with(new Claim(Hellos.SID, 2, 3, 4, 5, mac))))
                        .isFalse();
            }
        }

        @Test
        void coverPathAndSubprotocols() {
            assertThat(signed.isSignedBy(Hellos.SECRET, "/", List.of("a", "b"))).isFalse();
            assertThat(signed.isSignedBy(Hellos.SECRET, "/feed", List.of("b", "a")))
                    .isFalse();
            assertThat(signed.isSignedBy(Hellos.SECRET, "/feed", List.of("ab"))).isFalse();
            assertThat(signed.isSignedBy(Hellos.SECRET, "/feed", List.of("a"))).isFalse();
            assertThat(signed.isSignedBy(Hellos.SECRET, "/feeda", List.of("b"))).isFalse();
        }

        @Test
        void areForClaimsOnly() {
            Offer fresh = new Offer(0, 7, 1024, 1024, null);

            assertThatIllegalStateException().isThrownBy(() -> fresh.sign(Hellos.SECRET, "/", List.of()));
            assertThat(fresh.isSignedBy(Hellos.SECRET, "/", List.of())).isFalse();
        }
    }
}
