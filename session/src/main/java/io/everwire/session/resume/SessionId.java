package io.everwire.session.resume;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * The public name of a session: 16 bytes, of which the first is the id of the server key that its secret is made with and the
 * others are random. Knowing it gives nobody a session.
 */
public record SessionId(long high, long low) {
    /** The size on the wire, in bytes. */
    public static final int BYTES = 16;

    /**
     * Reads an id.
     *
     * @param bytes exactly 16
     * @throws IllegalArgumentException for another number of bytes
     */
    public static SessionId of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a session id has 16 bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new SessionId(buffer.getLong(), buffer.getLong());
    }

    /** Returns the 16 bytes. */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    /** Returns the id of the server key, 0 to 255. */
    public int keyId() {
        return (int) (high >>> 56);
    }

    /** Returns a number for tables, whose lower bits are spread well whoever has made the id. */
    public int spread() {
        // Fibonacci hashing: the upper bits of the product depend on all bits of the id.
        return (int) ((high ^ low) * 0x9E37_79B9_7F4A_7C15L >>> 32);
    }

    /** Returns the id in base64url without padding, as in {@code hello}: 22 characters. */
    @Override
    public String toString() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes());
    }
}
