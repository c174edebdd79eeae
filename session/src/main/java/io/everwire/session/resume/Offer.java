package io.everwire.session.resume;

import io.everwire.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client offers in its upgrade request, as a subprotocol beside {@code everwire.v1}: its own limits, and the session that
 * it claims.
 *
 * @param flags 0 to 255; bits that this version does not know are ignored
 * @param nonce 64 bits that the server's {@code hello} repeats
 * @param windowKib how much the client keeps without an acknowledgement, in KiB; 1 to 2^20
 * @param windowMessages the same in messages; 1 to 2^20
 * @param largestBytes the largest message that the client takes, in bytes, however large its window is; 1 to 2^30
 * @param claim null for a new session
 */
public record Offer(
        int flags,
        long nonce,
        long windowKib,
        long windowMessages,
        long largestBytes,
        @Nullable Claim claim) {
    /** The subprotocol that is offered and selected. */
    public static final String SUBPROTOCOL = "everwire.v1";

    /** What the token that carries the offer begins with. */
    public static final String TOKEN_PREFIX = "everwire.v1.";

    /** The client cannot see WebSocket pings: the server pings in band. */
    public static final int FLAG_NO_PINGS = 1;

    /** The size of a nonce, in bytes. */
    public static final int NONCE_BYTES = 8;

    /** The size of a mac, in bytes. */
    public static final int MAC_BYTES = 16;

    private static final byte VERSION = 1;
    private static final byte[] SEPARATOR = {0};

    /** Two varints of 3 bytes, one of 5, four of 8. */
    private static final int MOST_BYTES = 2 + NONCE_BYTES + 2 * 3 + 5 + SessionId.BYTES + 4 * 8 + MAC_BYTES;

    public Offer {
        Bounds.check("the offer's flags", flags, 0, 255);
        Bounds.check("the offer's window in KiB", windowKib, 1, Bounds.MOST_WINDOW_BYTES / 1024);
        Bounds.check("the offer's window in messages", windowMessages, 1, Bounds.MOST_WINDOW_MESSAGES);
        Bounds.check("the offer's largest message in bytes", largestBytes, 1, Bounds.MOST_WINDOW_BYTES);
    }

    /** Makes the offer of a client that takes every message that fits its window. */
    public Offer(int flags, long nonce, long windowKib, long windowMessages, @Nullable Claim claim) {
        this(flags, nonce, windowKib, windowMessages, (windowKib << 10) - Limits.MESSAGE_OVERHEAD_BYTES, claim);
    }

    /**
     * The session that an offer claims.
     *
     * @param attempt larger by one with each upgrade request; 1 or more
     * @param received ({@code rx}) DATA that the client has received
     * @param first the number of the oldest DATA that the client can still send; 1 or more
     * @param next the number that its next new DATA will have; 1 or more
     * @param mac 16 bytes; zeros until {@link Offer#sign}
     */
    @SuppressWarnings("ArrayRecordComponent") // It is copied, compared by its bytes and never shown, below.
    public record Claim(SessionId sid, long attempt, long received, long first, long next, byte[] mac) {
        public Claim {
            Bounds.check("the offer's attempt", attempt, 1, Bounds.MOST);
            Bounds.check("the offer's rx", received, 0, Bounds.MOST);
            Bounds.check("the offer's first", first, 1, Bounds.MOST);
            Bounds.check("the offer's next", next, 1, Bounds.MOST);
            if (mac.length != MAC_BYTES) {
                throw new IllegalArgumentException("a mac has " + MAC_BYTES + " bytes, not " + mac.length);
            }
            mac = mac.clone();
        }

        /** Makes a claim to be signed. */
        public Claim(SessionId sid, long attempt, long received, long first, long next) {
            this(sid, attempt, received, first, next, new byte[MAC_BYTES]);
        }

        /** Returns a copy of the 16 bytes. */
        @Override
        public byte[] mac() {
            return mac.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Claim that
                    && sid.equals(that.sid)
                    && attempt == that.attempt
                    && received == that.received
                    && first == that.first
                    && next == that.next
                    && MessageDigest.isEqual(mac, that.mac);
        }

        @Override
        public int hashCode() {
            return sid.hashCode() * 31 + Long.hashCode(attempt);
        }

        /** Returns all but the mac, which is worth something until its attempt was used. */
        @Override
        public String toString() {
            return "sid " + sid + ", attempt " + attempt + ", rx " + received + ", first " + first + ", next " + next;
        }
    }

    /**
     * Finds the offer among the subprotocols of an upgrade request.
     *
     * @return null when {@code everwire.v1} is not offered
     * @throws MalformedOfferException when it is, without one token that carries a well-formed offer
     */
    public static @Nullable Offer find(List<String> offeredSubprotocols) throws MalformedOfferException {
        if (!offeredSubprotocols.contains(SUBPROTOCOL)) {
            return null;
        }
        List<String> tokens = offeredSubprotocols.stream()
                .filter(name -> name.startsWith(TOKEN_PREFIX))
                .toList();
        if (tokens.size() != 1) {
            throw new MalformedOfferException("everwire.v1 is offered with " + tokens.size() + " offers; send one");
        }
        return parse(tokens.get(0).substring(TOKEN_PREFIX.length()));
    }

    /** Returns what the application itself offers: all but {@code everwire.v1} and its tokens, in order. */
    public static List<String> application(List<String> offered) {
        return offered.stream()
                .filter(name -> !name.equals(SUBPROTOCOL) && !name.startsWith(TOKEN_PREFIX))
                .toList();
    }

    private static Offer parse(String base64) throws MalformedOfferException {
        byte[] bytes = base64.length() <= (MOST_BYTES * 8 + 5) / 6 ? Base64Url.decode(base64) : null;
        if (bytes == null) {
            throw new MalformedOfferException(
                    "the offer is not base64url without padding of at most " + MOST_BYTES + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        require(in, 2 + NONCE_BYTES);
        byte version = in.get();
        if (version != VERSION) {
            throw new MalformedOfferException(
                    "the offer has version " + (version & 0xff) + "; this server knows " + VERSION);
        }
        int flags = in.get() & 0xff;
        long nonce = in.getLong();
        try {
            long windowKib = Varints.read(in, "window");
            long windowMessages = Varints.read(in, "messages");
            long largest = Varints.read(in, "max");
            return new Offer(
                    flags, nonce, windowKib, windowMessages, largest, in.hasRemaining() ? parseClaim(in) : null);
        } catch (IllegalArgumentException e) {
            throw new MalformedOfferException(String.valueOf(e.getMessage()));
        }
    }

    private static Claim parseClaim(ByteBuffer in) throws MalformedOfferException {
        require(in, SessionId.BYTES);
        SessionId sid = SessionId.of(take(in, SessionId.BYTES));
        long attempt = Varints.read(in, "attempt");
        long received = Varints.read(in, "rx");
        long first = Varints.read(in, "first");
        long next = Varints.read(in, "next");
        require(in, MAC_BYTES);
        byte[] mac = take(in, MAC_BYTES);
        if (in.hasRemaining()) {
            throw new MalformedOfferException("the offer has " + in.remaining() + " bytes after its mac; send none");
        }
        return new Claim(sid, attempt, received, first, next, mac);
    }

    private static void require(ByteBuffer in, int bytes) throws MalformedOfferException {
        if (in.remaining() < bytes) {
            throw new MalformedOfferException("the offer ends after " + in.limit() + " bytes, where "
                    + (bytes - in.remaining()) + " more must follow");
        }
    }

    private static byte[] take(ByteBuffer in, int bytes) {
        byte[] taken = new byte[bytes];
        in.get(taken);
        return taken;
    }

    /** Returns the subprotocol that carries this offer. */
    public String token() {
        ByteBuffer out = ByteBuffer.allocate(MOST_BYTES).put(unsigned());
        if (claim != null) {
            out.put(claim.mac());
        }
        return TOKEN_PREFIX + Base64Url.encode(Arrays.copyOf(out.array(), out.position()));
    }

    /** Returns all bytes but the mac. */
    private byte[] unsigned() {
        ByteBuffer out = ByteBuffer.allocate(MOST_BYTES);
        out.put(VERSION).put((byte) flags).putLong(nonce);
        Varints.write(out, windowKib);
        Varints.write(out, windowMessages);
        Varints.write(out, largestBytes);
        if (claim != null) {
            out.put(claim.sid().bytes());
            Varints.write(out, claim.attempt());
            Varints.write(out, claim.received());
            Varints.write(out, claim.first());
            Varints.write(out, claim.next());
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /**
     * Returns this offer with the mac of its claim.
     *
     * @param secret of the claimed session, from its {@code hello}
     * @param path the path of the upgrade request as it is sent, without the query
     * @param applicationSubprotocols what the application itself offers, in order
     * @throws IllegalStateException when nothing is claimed
     */
    public Offer sign(byte[] secret, String path, List<String> applicationSubprotocols) {
        if (claim == null) {
            throw new IllegalStateException("an offer of a new session has no mac");
        }
        byte[] mac = macWith(secret, path, applicationSubprotocols);
        Claim signed = new Claim(claim.sid(), claim.attempt(), claim.received(), claim.first(), claim.next(), mac);
        return new Offer(flags, nonce, windowKib, windowMessages, largestBytes, signed);
    }

    /** Tells whether {@link #sign} with the same arguments gives the same mac; always false when nothing is claimed. */
    public boolean isSignedBy(byte[] secret, String path, List<String> applicationSubprotocols) {
        return claim != null && MessageDigest.isEqual(macWith(secret, path, applicationSubprotocols), claim.mac());
    }

    private byte[] macWith(byte[] secret, String path, List<String> applicationSubprotocols) {
        byte[][] parts = new byte[3 + 2 * applicationSubprotocols.size()][];
        int count = 0;
        parts[count++] = unsigned();
        parts[count++] = SEPARATOR;
        parts[count++] = path.getBytes(StandardCharsets.UTF_8);
        for (String name : applicationSubprotocols) {
            parts[count++] = SEPARATOR;
            parts[count++] = name.getBytes(StandardCharsets.UTF_8);
        }
        return Arrays.copyOf(Hmac.of(secret, parts), MAC_BYTES);
    }
}
