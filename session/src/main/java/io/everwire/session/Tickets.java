package io.everwire.session;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Instants that a server promised, signed, so that it need not remember them: 8 bytes of time and 8 of HMAC-SHA-256, in base64url.
 * A ticket is a place in a queue and no more; forged, it would let one client overtake others.
 */
final class Tickets {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int LENGTH = 22;

    private final Mac mac;
    private final long originNanos;

    Tickets(byte[] key, long now) {
        originNanos = now;
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new AssertionError(
                    "every Java platform has " + ALGORITHM + " and takes any key that is not empty", e);
        }
    }

    /** Writes an instant down. */
    String write(long instant) {
        byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(instant - originNanos)
                .putLong(signatureOf(instant - originNanos))
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Returns the instant, null when these tickets are not where the text comes from. */
    @Nullable Long read(String text) {
        if (text.length() != LENGTH) {
            return null;
        }
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return null;
        }
        long sinceOrigin = bytes.getLong();
        return bytes.getLong() == signatureOf(sinceOrigin) ? originNanos + sinceOrigin : null;
    }

    private long signatureOf(long sinceOrigin) {
        byte[] signature =
                mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(sinceOrigin).array());
        return ByteBuffer.wrap(signature).getLong();
    }
}
