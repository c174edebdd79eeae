package io.everwire.session.resume;

import io.everwire.LossReason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A control message of {@code everwire.v1}. Numbers are 0 to 2^53 - 1 where no narrower bounds are named; a constructor throws
 * {@link IllegalArgumentException} for anything that could not stand on the wire.
 */
public sealed interface Control {
    /** The verdict of a server on an offer. */
    enum Status {
        /** A new session, as the offer wished. */
        NEW,
        /** The session of the offer goes on. */
        RESUMED,
        /** The session of the offer is lost, and this is a new one. */
        FRESH;

        /** Returns the word on the wire. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The server's first message: the verdict on the offer, and the terms.
     *
     * @param nonce the offer's
     * @param received ({@code rx}) DATA that the server has received; committed, where its store is durable
     * @param sent ({@code tx}) DATA that the server has sent in this session; -1 when it is not said
     * @param ttlSeconds how long a session outlives its connection; at most 2^31 - 1
     * @param windowBytes how much the server keeps without an acknowledgement; 1 KiB to 1 GiB
     * @param windowMessages the same in messages; 1 to 2^20
     * @param maxBytes the largest message; 1 to {@code windowBytes - 64}
     * @param heartbeatMillis how often the server pings a client that cannot see WebSocket pings; 0 for never, at most 2^31 - 1
     * @param gapMillis least time between two attempts; 0 for none, at most 2^31 - 1
     * @param secret 32 bytes with a new session; null when resumed
     * @param reason why the offer's session is lost, with {@link Status#FRESH} only
     * @param peerReceived ({@code peer-rx}) DATA of the client that the lost session had received; -1 when nobody knows, and
     *     always but with {@link Status#FRESH}
     * @param protocol the application's subprotocol that was agreed on, null for none; at most 3,072 characters
     */
    @SuppressWarnings("ArrayRecordComponent") // It is copied, compared by its bytes and never shown, below.
    record Hello(
            Status status,
            long nonce,
            SessionId sid,
            long received,
            long sent,
            long ttlSeconds,
            long windowBytes,
            long windowMessages,
            long maxBytes,
            long heartbeatMillis,
            long gapMillis,
            byte @Nullable [] secret,
            @Nullable LossReason reason,
            long peerReceived,
            @Nullable String protocol)
            implements Control {
        public Hello {
            Bounds.check("rx", received, 0, Bounds.MOST);
            Bounds.checkOrAbsent("tx", sent);
            Bounds.check("ttl", ttlSeconds, 0, Bounds.MOST_TIME);
            Bounds.check("window", windowBytes, Bounds.LEAST_WINDOW_BYTES, Bounds.MOST_WINDOW_BYTES);
            Bounds.check("messages", windowMessages, 1, Bounds.MOST_WINDOW_MESSAGES);
            Bounds.check("max", maxBytes, 1, windowBytes - Bounds.CHARGE_BYTES);
            Bounds.check("hb", heartbeatMillis, 0, Bounds.MOST_TIME);
            Bounds.check("gap", gapMillis, 0, Bounds.MOST_TIME);
            Bounds.checkOrAbsent("peer-rx", peerReceived);
            if ((secret == null) != (status == Status.RESUMED)) {
                throw new IllegalArgumentException("a new session has a secret, and a resumed one keeps its own");
            }
            if (secret != null && secret.length != ServerKeys.SECRET_BYTES) {
                throw new IllegalArgumentException(
                        "a secret has " + ServerKeys.SECRET_BYTES + " bytes, not " + secret.length);
            }
            if ((reason != null) != (status == Status.FRESH)) {
                throw new IllegalArgumentException("a reason is given with status=fresh, and with no other");
            }
            if (peerReceived >= 0 && status != Status.FRESH) {
                throw new IllegalArgumentException("peer-rx is given with status=fresh only");
            }
            if (protocol != null) {
                checkToken(protocol);
            }
            secret = secret == null ? null : secret.clone();
        }

        private static void checkToken(String protocol) {
            boolean isToken = !protocol.isEmpty()
                    && protocol.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
            if (!isToken || protocol.length() > LONGEST_TEXT) {
                throw new IllegalArgumentException(
                        "protocol is not a token of 1 to " + LONGEST_TEXT + " characters (RFC 9110 section 5.6.2)");
            }
        }

        /** Returns a copy of the 32 bytes, null when resumed. */
        @Override
        public byte @Nullable [] secret() {
            return secret == null ? null : secret.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Hello that
                    && MessageDigest.isEqual(ControlCodec.encode(this), ControlCodec.encode(that));
        }

        @Override
        public int hashCode() {
            return Long.hashCode(nonce) * 31 + sid.hashCode();
        }

        /** Returns all but the secret. */
        @Override
        public String toString() {
            return ControlCodec.describe(this);
        }
    }

    /** All DATA up to {@code received} was handed to the application, and is committed where the store is durable. */
    record Ack(long received) implements Control {
        public Ack {
            Bounds.check("n", received, 0, Bounds.MOST);
        }
    }

    /** Send an {@link Ack} now. */
    record Ask() implements Control {}

    /**
     * A heartbeat for a peer that cannot see WebSocket pings.
     *
     * @param sent DATA sent so far
     * @param received as in {@link Ack}
     * @param time any number; it comes back in the {@link Pong}
     */
    record Ping(long sent, long received, long time) implements Control {
        public Ping {
            checkBeat(sent, received, time);
        }
    }

    /**
     * The answer to a {@link Ping}.
     *
     * @param sent DATA sent so far
     * @param received as in {@link Ack}
     * @param time the ping's
     */
    record Pong(long sent, long received, long time) implements Control {
        public Pong {
            checkBeat(sent, received, time);
        }
    }

    /**
     * Go to another connection, at a random moment between {@code afterMillis} and {@code afterMillis + windowMillis}, and make it
     * before this one is left.
     *
     * @param afterMillis at most 2^31 - 1
     * @param windowMillis at most 2^31 - 1
     * @param url where to, null for the same; it obeys the rules of redirects; at most 3,072 characters once encoded
     */
    record Move(
            long afterMillis, long windowMillis, @Nullable String url) implements Control {
        public Move {
            Bounds.check("after", afterMillis, 0, Bounds.MOST_TIME);
            Bounds.check("window", windowMillis, 0, Bounds.MOST_TIME);
            if (url != null && (url.isEmpty() || Percent.encode(url).length() > LONGEST_TEXT)) {
                throw new IllegalArgumentException(
                        "url is empty, or has more than " + LONGEST_TEXT + " characters encoded");
            }
        }
    }

    /**
     * The session ends now.
     *
     * @param code 1000 to 4999, as in a close frame
     * @param received as in {@link Ack}
     * @param reason at most 123 bytes of UTF-8, as in a close frame (RFC 6455 §5.5); empty for none. A peer chose it: it may hold
     *     line ends
     */
    record Bye(int code, long received, String reason) implements Control {
        public Bye {
            Bounds.check("code", code, 1000, 4999);
            Bounds.check("rx", received, 0, Bounds.MOST);
            int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > LONGEST_REASON) {
                throw new IllegalArgumentException(
                        "reason has " + bytes + " bytes; at most " + LONGEST_REASON + " fit");
            }
        }
    }

    /** The longest {@code url} or {@code protocol}, in characters on the wire: with all else they fit in 4,096 bytes. */
    int LONGEST_TEXT = 3_072;

    /** The longest reason of {@code bye}, in bytes of UTF-8. */
    int LONGEST_REASON = 123;

    private static void checkBeat(long sent, long received, long time) {
        Bounds.check("tx", sent, 0, Bounds.MOST);
        Bounds.check("n", received, 0, Bounds.MOST);
        Bounds.check("t", time, 0, Bounds.MOST);
    }
}
