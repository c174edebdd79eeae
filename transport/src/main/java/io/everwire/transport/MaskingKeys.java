package io.everwire.transport;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.function.IntSupplier;

/**
 * Unpredictable masking keys (RFC 6455 §5.3: "derived from a strong source of entropy"), drawn a batch at a time because one
 * draw costs more than a small message.
 *
 * <p><b>Thread safety.</b> One connection, one event loop.
 */
final class MaskingKeys implements IntSupplier {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BATCH_BYTES = 256;

    private final byte[] bytes = new byte[BATCH_BYTES];
    private final ByteBuffer batch = ByteBuffer.wrap(bytes).limit(0);

    @Override
    public int getAsInt() {
        if (!batch.hasRemaining()) {
            RANDOM.nextBytes(bytes);
            batch.clear();
        }
        return batch.getInt();
    }

    /** Draws a number for a purpose other than masking, for example the first ping's nonce. */
    static long drawLong() {
        return RANDOM.nextLong();
    }

    /** Draws the 16 random bytes of a Sec-WebSocket-Key (RFC 6455 §4.1). */
    static byte[] drawKey() {
        byte[] key = new byte[16];
        RANDOM.nextBytes(key);
        return key;
    }
}
