package io.everwire.session.resume;

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
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The verb and the fields of one control message that was read. Its complaints name verb, key and position, never a value. */
final class ControlFields {
    private final String verb;
    private final Map<String, String> values = new HashMap<>();

    private ControlFields(String verb) {
        this.verb = verb;
    }

    String verb() {
        return verb;
    }

    static ControlFields read(ByteBuffer payload) throws MalformedControlException {
        String[] words = visible(payload).split(" ", -1);
        if (!isName(words[0])) {
            throw new MalformedControlException(
                    "a control message begins with U+0000 and a verb of lower-case letters");
        }
        ControlFields fields = new ControlFields(words[0]);
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            int equals = word.indexOf('=');
            if (equals < 0 || !isName(word.substring(0, equals)) || equals == word.length() - 1) {
                throw fields.malformed("word " + (i + 1) + " is not key=value; one space stands before each");
            }
            if (fields.values.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw fields.malformed("word " + (i + 1) + " repeats a key");
            }
        }
        return fields;
    }

    /** Returns what follows the U+0000, which is visible ASCII and spaces. */
    private static String visible(ByteBuffer payload) throws MalformedControlException {
        if (payload.remaining() > ControlCodec.MOST_BYTES) {
            throw new MalformedControlException("a control message of " + payload.remaining() + " bytes; at most "
                    + ControlCodec.MOST_BYTES + " are allowed");
        }
        if (!payload.hasRemaining() || payload.get(payload.position()) != TextFraming.ESCAPE) {
            throw new MalformedControlException("a control message begins with U+0000");
        }
        byte[] text = new byte[payload.remaining() - 1];
        payload.get(payload.position() + 1, text);
        for (int i = 0; i < text.length; i++) {
            if (text[i] < 0x20 || text[i] > 0x7e) {
                throw new MalformedControlException("byte " + (i + 1) + " of a control message is not visible ASCII");
            }
        }
        return new String(text, StandardCharsets.US_ASCII);
    }

    private static boolean isName(String word) {
        return !word.isEmpty()
                && word.charAt(0) != '-'
                && word.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }

    /** Makes the message that the fields stand for; {@link IllegalArgumentException} when its bounds are not kept. */
    Control toControl() throws MalformedControlException {
        return switch (verb) {
            case "hello" -> hello();
            case "ack" -> new Ack(number("n"));
            case "ask" -> new Ask();
            case "ping" -> new Ping(number("tx"), number("n"), number("t"));
            case "pong" -> new Pong(number("tx"), number("n"), number("t"));
            case "move" -> new Move(number("after"), number("window"), freeText("url"));
            case "bye" -> {
                String reason = freeText("reason");
                yield new Bye(
                        (int) Math.min(number("code"), Integer.MAX_VALUE), number("rx"), reason == null ? "" : reason);
            }
            default ->
                throw new MalformedControlException("a control message has a verb that everwire.v1 does not know");
        };
    }

    private Hello hello() throws MalformedControlException {
        return new Hello(
                status(),
                ByteBuffer.wrap(bytes("nonce", Offer.NONCE_BYTES)).getLong(),
                SessionId.of(bytes("sid", SessionId.BYTES)),
                number("rx"),
                number("tx", -1),
                number("ttl"),
                number("window"),
                number("messages"),
                number("max"),
                number("hb"),
                number("gap", 0),
                values.containsKey("secret") ? bytes("secret", ServerKeys.SECRET_BYTES) : null,
                reason(),
                number("peer-rx", -1),
                values.get("protocol"));
    }

    private Status status() throws MalformedControlException {
        String word = text("status");
        for (Status status : Status.values()) {
            if (status.word().equals(word)) {
                return status;
            }
        }
        throw malformed("status is none of new, resumed and fresh");
    }

    /** A reason that a later server may have and we do not know says no less than that the session is gone. */
    private @Nullable LossReason reason() {
        String word = values.get("reason");
        for (LossReason reason : LossReason.values()) {
            if (reason.word().equals(word)) {
                return reason;
            }
        }
        return word == null ? null : LossReason.UNKNOWN;
    }

    private long number(String key, long absent) throws MalformedControlException {
        return values.containsKey(key) ? number(key) : absent;
    }

    private long number(String key) throws MalformedControlException {
        String digits = text(key);
        boolean isShort = digits.length() <= 16;
        boolean isDecimal = digits.chars().allMatch(c -> c >= '0' && c <= '9');
        boolean hasLeadingZero = digits.length() > 1 && digits.charAt(0) == '0';
        if (!isShort || !isDecimal || hasLeadingZero || Long.parseLong(digits) > Bounds.MOST) {
            throw malformed(key + " is not an integer from 0 to " + Bounds.MOST + " without sign or leading zero");
        }
        return Long.parseLong(digits);
    }

    private byte[] bytes(String key, int length) throws MalformedControlException {
        byte[] bytes = Base64Url.decode(text(key), length);
        if (bytes == null) {
            throw malformed(key + " is not " + length + " bytes in base64url without padding");
        }
        return bytes;
    }

    private @Nullable String freeText(String key) throws MalformedControlException {
        if (!values.containsKey(key)) {
            return null;
        }
        String decoded = Percent.decode(text(key));
        if (decoded == null) {
            throw malformed(key + " is not percent-encoded UTF-8");
        }
        return decoded;
    }

    private String text(String key) throws MalformedControlException {
        String value = values.get(key);
        if (value == null) {
            throw malformed("the key " + key + " is missing");
        }
        return value;
    }

    private MalformedControlException malformed(String sentence) {
        String known = verb.length() <= 16 ? verb : "a control message";
        return new MalformedControlException(known + ": " + sentence);
    }
}
