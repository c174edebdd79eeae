package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.LossReason;
import io.everwire.session.resume.Control.Ack;
import io.everwire.session.resume.Control.Ask;
import io.everwire.session.resume.Control.Bye;
import io.everwire.session.resume.Control.Hello;
import io.everwire.session.resume.Control.Move;
import io.everwire.session.resume.Control.Ping;
import io.everwire.session.resume.Control.Pong;
import io.everwire.session.resume.Control.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCodecTest {
    private static final long MOST = 9_007_199_254_740_991L;
    private static final String HELLO = "hello status=resumed nonce=AAAAAAAAAAE sid=AAECAwQFBgcICQoLDA0ODw rx=1 ttl=120"
            + " window=1048576 messages=1024 max=65536 hb=20000";

    private static byte[] payload(String afterTheZero) {
        return ("\0" + afterTheZero).getBytes(StandardCharsets.UTF_8);
    }

    private static Control parse(String afterTheZero) throws MalformedControlException {
        return ControlCodec.parse(payload(afterTheZero));
    }

    private static void refuses(String afterTheZero, String because) {
        assertThatThrownBy(() -> parse(afterTheZero))
                .isInstanceOf(MalformedControlException.class)
                .hasMessageContaining(because)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage())).hasSizeLessThanOrEqualTo(200));
    }

    @Nested
    class Wording {
        private void says(Control control, String afterTheZero) throws MalformedControlException {
            byte[] payload = payload(afterTheZero);

            assertThat(ControlCodec.encode(control)).isEqualTo(payload);
            assertThat(ControlCodec.parse(payload)).isEqualTo(control);
        }

        @Test
        void isOneOfEachVerb() throws MalformedControlException {
            says(new Ack(0), "ack n=0");
            says(new Ack(MOST), "ack n=9007199254740991");
            says(new Ask(), "ask");
            says(new Ping(1, 2, 3), "ping tx=1 n=2 t=3");
            says(new Pong(MOST, 0, 10), "pong tx=9007199254740991 n=0 t=10");
            says(new Move(100, 5000, null), "move after=100 window=5000");
            says(new Move(0, 0, "wss://b.example/ü%20"), "move after=0 window=0 url=wss://b.example/%C3%BC%2520");
            says(new Bye(1000, 12, ""), "bye code=1000 rx=12");
            says(new Bye(4410, 0, "gone %\nfor good"), "bye code=4410 rx=0 reason=gone%20%25%0Afor%20good");
        }

        @Test
        void ofHelloDependsOnItsStatus() throws MalformedControlException {
            says(
                    Hellos.made(),
                    "hello status=new nonce=AAAAAAAAAAE sid=AAECAwQFBgcICQoLDA0ODw rx=0 ttl=120 window=1048576 messages=1024"
                            + " max=65536 hb=0 secret=YW4gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMsIG8");
            says(
                    Hellos.resumed(),
                    "hello status=resumed nonce=gAAAAAAAAAA sid=AAECAwQFBgcICQoLDA0ODw rx=41 tx=99 ttl=120 window=1048576"
                            + " messages=1024 max=65536 hb=20000");
            says(
                    Hellos.fresh(),
                    "hello status=fresh nonce=__________8 sid=AAECAwQFBgcICQoLDA0ODw rx=0 tx=0 ttl=120 window=1048576"
                            + " messages=1024 max=65536 hb=20000 gap=500"
                            + " secret=YW4gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMsIG8 reason=overrun peer-rx=7"
                            + " protocol=chat.v2");
        }

        @Test
        void hasAnyOrderAndUnknownKeys() throws MalformedControlException {
            assertThat(parse("pong t=3 n=2 later=a=b tx=1")).isEqualTo(new Pong(1, 2, 3));
            assertThat(parse("ack later=1 n=7")).isEqualTo(new Ack(7));
            assertThat(parse("ask why=%00")).isEqualTo(new Ask());
        }

        @Test
        void ofAReasonThatIsNotKnownIsUnknown() throws MalformedControlException {
            String secret = " secret=YW4gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMsIG8";
            Hello hello = (Hello) parse(HELLO.replace("resumed", "fresh") + secret + " reason=eaten-by-a-grue");

            assertThat(hello.reason()).isEqualTo(LossReason.UNKNOWN);
        }

        @Test
        void isReadFromWithinABuffer() throws MalformedControlException {
            ByteBuffer buffer = ByteBuffer.wrap("xx\0bye code=1000 rx=5yy".getBytes(StandardCharsets.US_ASCII));
            buffer.position(2).limit(buffer.limit() - 2);

            assertThat(ControlCodec.parse(buffer.asReadOnlyBuffer())).isEqualTo(new Bye(1000, 5, ""));
            assertThat(ControlCodec.parse(buffer)).isEqualTo(new Bye(1000, 5, ""));
            assertThat(buffer.position()).isEqualTo(2);
        }
    }

    @Nested
    class Grammar {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    " ack n=1",
                    "ACK n=1",
                    "ack_n=1",
                    "ack  n=1",
                    "ack n=1 ",
                    "ack n",
                    "ack =1",
                    "ack n=",
                    "ack n =1",
                    "ack\tn=1",
                    "ack n=1\n",
                    "ack n=1 \u00fc=1",
                    "ack n=1 k=\u0000",
                    "ack n=1 k=\u007f",
                    "ack N=1 n=1",
                    "ack n=1 -k=1",
                    "\0ack n=1",
                    "n=1"
                })
        void isStrict(String malformed) {
            assertThatThrownBy(() -> parse(malformed)).isInstanceOf(MalformedControlException.class);
        }

        @Test
        void hasNoKeyTwice() {
            refuses("ack n=1 n=1", "repeats a key");
            refuses("ask later=1 later=2", "repeats a key");
        }

        @Test
        void knowsSixVerbsAndPong() {
            refuses("nack n=1", "verb");
            refuses("acknowledge n=1", "verb");
        }

        @Test
        void beginsWithUnicodeZero() {
            assertThatThrownBy(() -> ControlCodec.parse(new byte[0])).isInstanceOf(MalformedControlException.class);
            assertThatThrownBy(() -> ControlCodec.parse("ack n=1".getBytes(StandardCharsets.US_ASCII)))
                    .isInstanceOf(MalformedControlException.class);
        }

        @Test
        void endsAfter4096Bytes() throws MalformedControlException {
            String most = "ack n=1 later=" + "x".repeat(4_096 - 15);

            assertThat(parse(most)).isEqualTo(new Ack(1));
            refuses(most + "x", "4097 bytes");
        }

        @Test
        void requiresItsKeys() {
            for (String key : new String[] {"status", "nonce", "sid", "rx", "ttl", "window", "messages", "max", "hb"}) {
                refuses(HELLO.replaceFirst(" " + key + "=\\S+", ""), "the key " + key + " is missing");
            }
            refuses("ack", "the key n is missing");
            refuses("ping tx=1 n=1", "the key t is missing");
            refuses("pong n=1 t=1", "the key tx is missing");
            refuses("move after=1", "the key window is missing");
            refuses("bye code=1000", "the key rx is missing");
        }
    }

    @Nested
    class HostileNumbers {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "-1",
                    "+1",
                    "-0",
                    "01",
                    "00",
                    "0x1",
                    "1e3",
                    "1.0",
                    "1,000",
                    "9007199254740992",
                    "9223372036854775807",
                    "9223372036854775808",
                    "18446744073709551615",
                    "99999999999999999999999999999",
                    "NaN",
                    "\u0661"
                })
        void areRefusedWhereverANumberStands(String number) {
            for (String message : new String[] {
                "ack n=",
                "ping n=1 t=1 tx=",
                "ping tx=1 t=1 n=",
                "pong tx=1 n=1 t=",
                "move after=1 window=",
                "move window=1 after=",
                "bye rx=1 code=",
                "bye code=1000 rx="
            }) {
                assertThatThrownBy(() -> parse(message + number)).isInstanceOf(MalformedControlException.class);
            }
            for (String key : new String[] {"rx", "ttl", "window", "messages", "max", "hb"}) {
                assertThatThrownBy(() -> parse(HELLO.replaceFirst(" " + key + "=\\d+", " " + key + "=" + number)))
                        .isInstanceOf(MalformedControlException.class);
            }
            for (String key : new String[] {" tx=", " gap="}) {
                assertThatThrownBy(() -> parse(HELLO + key + number)).isInstanceOf(MalformedControlException.class);
            }
        }

        @Test
        void areToldApartFromTheLargestThatFits() throws MalformedControlException {
            assertThat(parse("ack n=" + MOST)).isEqualTo(new Ack(MOST));
            refuses("ack n=" + (MOST + 1), "n is not an integer from 0 to 9007199254740991");
        }

        @Test
        void areNoCodes() {
            refuses("bye code=999 rx=0", "code");
            refuses("bye code=5000 rx=0", "code");
            refuses("bye code=4294968296 rx=0", "code");
        }

        @Test
        void cannotBeWritten() {
            assertThatIllegalArgumentException().isThrownBy(() -> new Ack(-1));
            assertThatIllegalArgumentException().isThrownBy(() -> new Ack(MOST + 1));
            assertThatIllegalArgumentException().isThrownBy(() -> new Ping(0, -1, 0));
            assertThatIllegalArgumentException().isThrownBy(() -> new Bye(0, 0, ""));
        }
    }

    @Nested
    class TermsOfHello {
        private void refusesWith(String key, String value, String because) {
            refuses(HELLO.replaceFirst(" " + key + "=\\S+", " " + key + "=" + value), because);
        }

        @Test
        void haveBounds() throws MalformedControlException {
            refusesWith("window", "1023", "window");
            refusesWith("window", "1073741825", "window");
            refusesWith("messages", "0", "messages");
            refusesWith("messages", "1048577", "messages");
            refusesWith("max", "0", "max");
            refusesWith("max", "1048513", "max is 1048513, which is not from 1 to 1048512");
            refusesWith("ttl", "2147483648", "ttl");
            refusesWith("hb", "2147483648", "hb");
            refuses(HELLO + " gap=2147483648", "gap");
            assertThat(((Hello) parse(HELLO.replace("max=65536", "max=1048512"))).maxBytes())
                    .isEqualTo(1_048_512);
        }

        @Test
        void haveANonceASessionAndAStatus() {
            refusesWith("status", "Resumed", "status");
            refusesWith("nonce", "AAAAAAAAAAE=", "nonce");
            refusesWith("nonce", "AAAAAAAAAAF", "nonce");
            refusesWith("nonce", "AAAAAAAA+AE", "nonce");
            refusesWith("nonce", "AAAAAAAAAA", "nonce");
            refusesWith("sid", "AAECAwQFBgcICQoLDA0O", "sid");
            refusesWith("sid", "AAECAwQFBgcICQoLDA0ODx", "sid");
        }

        @Test
        void giveASecretWithEachNewSessionAndNoOther() {
            refusesWith("status", "new", "secret");
            refuses(HELLO + " secret=YW4gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMsIG8", "secret");
            refuses(HELLO.replace("resumed", "new") + " secret=c2hvcnQ", "secret is not 32 bytes");
        }

        @Test
        void giveAReasonWithFreshAndNoOther() {
            refuses(HELLO + " reason=expired", "reason");
            refuses(HELLO + " peer-rx=1", "peer-rx");
            refuses(
                    HELLO.replace("resumed", "fresh") + " secret=YW4gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMsIG8",
                    "reason");
        }

        @Test
        void nameATokenAsProtocol() {
            refuses(HELLO + " protocol=a/b", "protocol");
            refuses(HELLO + " protocol=" + "p".repeat(3_073), "protocol");
        }
    }

    @Nested
    class FreeText {
        @ParameterizedTest
        @ValueSource(strings = {"%", "%2", "%2g", "%-1", "%C3", "%FF", "%ED%A0%80", "a%"})
        void isPercentEncodedUtf8(String malformed) {
            refuses("bye code=1000 rx=0 reason=" + malformed, "reason is not percent-encoded UTF-8");
            refuses("move after=0 window=0 url=" + malformed, "url is not percent-encoded UTF-8");
        }

        @Test
        void isReadWithHexadecimalOfEitherCase() throws MalformedControlException {
            assertThat(parse("bye code=1000 rx=0 reason=%c3%Bc")).isEqualTo(new Bye(1000, 0, "\u00fc"));
        }

        @Test
        void isNoLongerThanFits() throws MalformedControlException {
            Bye longest = new Bye(4999, MOST, "\u00fc".repeat(61) + "!");
            Move farthest = new Move(2_147_483_647, 2_147_483_647, "u".repeat(3_072));

            assertThat(ControlCodec.parse(ControlCodec.encode(longest))).isEqualTo(longest);
            assertThat(ControlCodec.parse(ControlCodec.encode(farthest))).isEqualTo(farthest);
            assertThatIllegalArgumentException().isThrownBy(() -> new Bye(1000, 0, "\u00fc".repeat(62)));
            assertThatIllegalArgumentException().isThrownBy(() -> new Move(0, 0, "\u00fc".repeat(513)));
            assertThatIllegalArgumentException().isThrownBy(() -> new Move(0, 0, ""));
        }
    }

    @Nested
    class Secrecy {
        @Test
        void isKeptByStrings() {
            assertThat(Hellos.made().toString())
                    .contains("status=new", "secret=(hidden)")
                    .doesNotContain("YW4gZXhhb");
        }

        @Test
        void isKeptByComplaints() {
            String secret = "YW4gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMsIG8";
            String hello = HELLO.replace("resumed", "new") + " secret=" + secret;
            for (String malformed : new String[] {
                hello + "A",
                hello + " " + secret,
                hello + " secret=" + secret,
                hello + " rx=2",
                hello + "\u00fc",
                secret,
                hello.replace("max=65536", "max=0")
            }) {
                assertThatThrownBy(() -> parse(malformed))
                        .isInstanceOf(MalformedControlException.class)
                        .satisfies(e -> assertThat(e).message().doesNotContain("YW4gZ"));
            }
        }

        @Test
        void doesNotShareItsBytes() {
            byte[] secret = Hellos.SECRET.clone();
            Hello hello = new Hello(
                    Status.NEW, 1, Hellos.SID, 0, -1, 120, 1 << 20, 1024, 65_536, 0, 0, secret, null, -1, null);
            secret[0] ^= 1;
            byte[] seen = Objects.requireNonNull(hello.secret());
            assertThat(seen).isEqualTo(Hellos.SECRET);
            seen[0] ^= 1;

            assertThat(hello).isEqualTo(Hellos.made()).hasSameHashCodeAs(Hellos.made());
        }
    }
}
