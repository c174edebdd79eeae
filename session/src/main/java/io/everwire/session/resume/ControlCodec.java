package io.everwire.session.resume;

import io.everwire.session.resume.Control.Ack;
import io.everwire.session.resume.Control.Ask;
import io.everwire.session.resume.Control.Bye;
import io.everwire.session.resume.Control.Hello;
import io.everwire.session.resume.Control.Move;
import io.everwire.session.resume.Control.Ping;
import io.everwire.session.resume.Control.Pong;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Control messages as the payload of a text message: U+0000, the verb, and {@code key=value} fields, with one space before each.
 * A value may have one spelling only: integers have no sign and no leading zero, base64url has no padding and no stray bits.
 */
public final class ControlCodec {
    /** The largest control message, in bytes. */
    public static final int MOST_BYTES = 4_096;

    private static final byte[] ACK = {0, 'a', 'c', 'k', ' ', 'n', '='};

    /** The digits of 2^53 - 1. */
    private static final int MOST_DIGITS = 16;

    private ControlCodec() {}

    /** Returns the whole payload, the leading U+0000 included: at most {@link #MOST_BYTES}. */
    public static byte[] encode(Control control) {
        return control instanceof Ack ack ? encode(ack) : write(control, true).getBytes(StandardCharsets.US_ASCII);
    }

    /** Acknowledgements are by far the most frequent, and are written without a string. */
    private static byte[] encode(Ack ack) {
        long n = ack.received();
        int digits = 1;
        for (long rest = n / 10; rest > 0; rest /= 10) {
            digits++;
        }
        byte[] payload = new byte[ACK.length + digits];
        System.arraycopy(ACK, 0, payload, 0, ACK.length);
        for (int i = payload.length - 1; i >= ACK.length; i--) {
            payload[i] = (byte) ('0' + n % 10);
            n /= 10;
        }
        return payload;
    }

    /** Returns the message for people: without the U+0000 and without its secret. */
    static String describe(Control control) {
        return write(control, false).substring(1);
    }

    private static String write(Control control, boolean withSecret) {
        StringBuilder out = new StringBuilder(64).append('\0');
        if (control instanceof Hello hello) {
            write(out.append("hello"), hello, withSecret);
        } else if (control instanceof Ack ack) {
            field(out.append("ack"), "n", ack.received());
        } else if (control instanceof Ask) {
            out.append("ask");
        } else if (control instanceof Ping ping) {
            beat(out.append("ping"), ping.sent(), ping.received(), ping.time());
        } else if (control instanceof Pong pong) {
            beat(out.append("pong"), pong.sent(), pong.received(), pong.time());
        } else if (control instanceof Move move) {
            field(out.append("move"), "after", move.afterMillis());
            field(out, "window", move.windowMillis());
            field(out, "url", move.url() == null ? null : Percent.encode(move.url()));
        } else if (control instanceof Bye bye) {
            field(out.append("bye"), "code", bye.code());
            field(out, "rx", bye.received());
            field(out, "reason", bye.reason().isEmpty() ? null : Percent.encode(bye.reason()));
        }
        return out.toString();
    }

    private static void write(StringBuilder out, Hello hello, boolean withSecret) {
        field(out, "status", hello.status().word());
        field(
                out,
                "nonce",
                Base64Url.encode(ByteBuffer.allocate(Offer.NONCE_BYTES)
                        .putLong(hello.nonce())
                        .array()));
        field(out, "sid", hello.sid().toString());
        field(out, "rx", hello.received());
        fieldUnlessAbsent(out, "tx", hello.sent(), -1);
        field(out, "ttl", hello.ttlSeconds());
        field(out, "window", hello.windowBytes());
        field(out, "messages", hello.windowMessages());
        field(out, "max", hello.maxBytes());
        field(out, "hb", hello.heartbeatMillis());
        fieldUnlessAbsent(out, "gap", hello.gapMillis(), 0);
        byte[] secret = hello.secret();
        field(out, "secret", secret == null ? null : withSecret ? Base64Url.encode(secret) : "(hidden)");
        field(out, "reason", hello.reason() == null ? null : hello.reason().word());
        fieldUnlessAbsent(out, "peer-rx", hello.peerReceived(), -1);
        field(out, "protocol", hello.protocol());
    }

    private static void beat(StringBuilder out, long sent, long received, long time) {
        field(out, "tx", sent);
        field(out, "n", received);
        field(out, "t", time);
    }

    private static void field(StringBuilder out, String key, long value) {
        out.append(' ').append(key).append('=').append(value);
    }

    private static void fieldUnlessAbsent(StringBuilder out, String key, long value, long absent) {
        if (value != absent) {
            field(out, key, value);
        }
    }

    private static void field(StringBuilder out, String key, @Nullable String value) {
        if (value != null) {
            out.append(' ').append(key).append('=').append(value);
        }
    }

    /** Reads a payload that {@link TextFraming} calls a control message. */
    public static Control parse(byte[] payload) throws MalformedControlException {
        return parse(ByteBuffer.wrap(payload));
    }

    /**
     * Reads a payload that {@link TextFraming} calls a control message.
     *
     * @param payload from its position to its limit, which stay where they are
     */
    public static Control parse(ByteBuffer payload) throws MalformedControlException {
        Ack ack = plainAck(payload);
        if (ack != null) {
            return ack;
        }
        ControlFields fields = ControlFields.read(payload);
        try {
            return fields.toControl();
        } catch (IllegalArgumentException e) {
            // The bounds stand in the constructors, once; their sentences quote numbers, never text.
            throw new MalformedControlException(fields.verb() + ": " + e.getMessage());
        }
    }

    /** Returns an acknowledgement that is written as {@link #encode} writes it; null sends all others the long way. */
    private static @Nullable Ack plainAck(ByteBuffer payload) {
        int start = payload.position();
        int digits = payload.remaining() - ACK.length;
        if (digits < 1 || digits > MOST_DIGITS) {
            return null;
        }
        for (int i = 0; i < ACK.length; i++) {
            if (payload.get(start + i) != ACK[i]) {
                return null;
            }
        }
        long n = 0;
        for (int i = start + ACK.length; i < payload.limit(); i++) {
            int digit = payload.get(i) - '0';
            if (digit < 0 || digit > 9 || (n == 0 && i > start + ACK.length)) {
                return null;
            }
            n = n * 10 + digit;
        }
        return n <= Bounds.MOST ? new Ack(n) : null;
    }
}
