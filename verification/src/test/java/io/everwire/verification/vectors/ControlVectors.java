package io.everwire.verification.vectors;

import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedControlException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Control messages that must be read, and such that must be refused. */
final class ControlVectors {
    private static final String SECRET = " secret=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    private static final String TERMS = " nonce=AQIDBAUGBwg sid=BwECAwQFBgcICQoLDA0ODw rx=0 ttl=120 window=1048576"
            + " messages=1024 max=65536 hb=15000";
    private static final String RESUMED = "hello status=resumed" + TERMS;

    private static final List<String> GOOD = List.of(
            "hello status=new" + TERMS + SECRET,
            "hello status=new" + TERMS + SECRET + " protocol=chat.v2",
            "hello status=fresh" + TERMS + SECRET + " reason=unknown",
            "hello status=fresh" + TERMS + " gap=500" + SECRET + " reason=expired peer-rx=17",
            "hello status=fresh" + TERMS + SECRET + " reason=not-invented-yet",
            RESUMED.replace("rx=0", "rx=41 tx=99"),
            RESUMED.replace("max=65536", "max=1048512"),
            RESUMED.replace("window=1048576", "window=1024").replace("max=65536", "max=960"),
            RESUMED.replace("hb=15000", "hb=0") + " later=anything=at/all",
            "ack n=0",
            "ack n=9007199254740991",
            "ack n=7 later=1",
            "ask",
            "ask later=1",
            "ping tx=3 n=2 t=1700000000000",
            "pong t=1 n=2 tx=3",
            "move after=0 window=5000",
            "move after=100 window=2147483647 url=wss://b.example/feed?q=%2520",
            "bye code=1000 rx=12",
            "bye code=4999 rx=0 reason=so%20long,%20%C3%BC%0A",
            "bye code=1001 rx=0 reason=%c3%BC",
            "ack n=1 " + "later=" + "x".repeat(4_096 - 15));

    private static final List<String[]> BAD = List.of(
            bad("U+0000 alone", ""),
            bad("an unknown verb", "nack n=1"),
            bad("a verb in upper case", "ACK n=1"),
            bad("a space before the verb", " ack n=1"),
            bad("two spaces", "ack  n=1"),
            bad("a space at the end", "ack n=1 "),
            bad("a tabulator", "ack\tn=1"),
            bad("a line end", "ack n=1\n"),
            bad("a second U+0000 later on", "ack n=1 k=\0"),
            bad("U+007F", "ack n=1 k=\u007f"),
            bad("a character outside ASCII", "ack n=1 k=\u00fc"),
            bad("a field without =", "ack n"),
            bad("a field without a key", "ack =1"),
            bad("a field without a value", "ack n="),
            bad("a key in upper case", "ack n=1 N=1"),
            bad("a key twice", "ack n=1 n=1"),
            bad("an unknown key twice", "ask k=1 k=2"),
            bad("4,097 bytes", "ack n=1 later=" + "x".repeat(4_097 - 15)),
            bad("a missing number", "ack"),
            bad("a missing number", "ping tx=1 n=1"),
            bad("a missing number", "move after=1"),
            bad("a missing number", "bye code=1000"),
            bad("a sign", "ack n=+1"),
            bad("a sign", "ack n=-1"),
            bad("a leading zero", "ack n=01"),
            bad("2^53", "ack n=9007199254740992"),
            bad("2^63", "ack n=9223372036854775808"),
            bad("2^64 + 1", "ack n=18446744073709551617"),
            bad("a fraction", "ack n=1.0"),
            bad("an exponent", "ack n=1e3"),
            bad("hexadecimal", "ack n=0x1"),
            bad("a close code below 1000", "bye code=999 rx=0"),
            bad("a close code above 4999", "bye code=5000 rx=0"),
            bad("half a percent-encoding", "bye code=1000 rx=0 reason=%2"),
            bad("a percent-encoding that is no UTF-8", "bye code=1000 rx=0 reason=%FF"),
            bad("a reason of 124 bytes", "bye code=1000 rx=0 reason=" + "x".repeat(124)),
            bad("an unknown status", "hello status=old" + TERMS),
            bad("no nonce", RESUMED.replace(" nonce=AQIDBAUGBwg", "")),
            bad("a nonce with padding", RESUMED.replace("AQIDBAUGBwg", "AQIDBAUGBwg=")),
            bad("a nonce of 7 bytes", RESUMED.replace("AQIDBAUGBwg", "AQIDBAUGBw")),
            bad("bits that no byte uses", RESUMED.replace("AQIDBAUGBwg", "AQIDBAUGBwh")),
            bad("a sid in another alphabet", RESUMED.replace("BwEC", "Bw+C")),
            bad("a window below 1 KiB", RESUMED.replace("window=1048576", "window=1023")),
            bad("a window above 1 GiB", RESUMED.replace("window=1048576", "window=1073741825")),
            bad("a window of no messages", RESUMED.replace("messages=1024", "messages=0")),
            bad("max above window - 64", RESUMED.replace("max=65536", "max=1048513")),
            bad("max of nothing", RESUMED.replace("max=65536", "max=0")),
            bad("a ttl above 2^31 - 1", RESUMED.replace("ttl=120", "ttl=2147483648")),
            bad("resumed with a secret", RESUMED + SECRET),
            bad("resumed with a reason", RESUMED + " reason=expired"),
            bad("resumed with peer-rx", RESUMED + " peer-rx=0"),
            bad("new without a secret", "hello status=new" + TERMS),
            bad("a secret of 31 bytes", "hello status=new" + TERMS + SECRET.substring(0, SECRET.length() - 1)),
            bad("fresh without a reason", "hello status=fresh" + TERMS + SECRET),
            bad("a protocol that is no token", RESUMED + " protocol=a/b"));

    private ControlVectors() {}

    private static String[] bad(String why, String afterTheZero) {
        return new String[] {why, afterTheZero};
    }

    static Map<String, Object> document() {
        List<Object> good = new ArrayList<>();
        for (String afterTheZero : GOOD) {
            Control control = parse(afterTheZero);
            if (control == null) {
                throw new AssertionError("refused: " + afterTheZero);
            }
            String written = Fields.text(control);
            good.add(Json.object(
                    "text",
                    "\0" + afterTheZero,
                    "message",
                    Fields.of(control),
                    "written",
                    written.equals("\0" + afterTheZero) ? null : written));
        }
        List<Object> bad = new ArrayList<>();
        for (String[] vector : BAD) {
            if (parse(vector[1]) != null) {
                throw new AssertionError("accepted, with " + vector[0] + ": " + vector[1]);
            }
            bad.add(Json.object("why", vector[0], "text", "\0" + vector[1]));
        }
        return Json.object("good", good, "bad", bad);
    }

    private static @Nullable Control parse(String afterTheZero) {
        try {
            return ControlCodec.parse(("\0" + afterTheZero).getBytes(StandardCharsets.UTF_8));
        } catch (MalformedControlException e) {
            return null;
        }
    }
}
