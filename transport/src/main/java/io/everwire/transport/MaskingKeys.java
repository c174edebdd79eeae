package io.everwire.transport;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.function.IntSupplier;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Unpredictable masking keys (RFC 6455 §5.3: "derived from a strong source of entropy"): the key stream of AES in counter mode
 * under a key from {@link SecureRandom}, because SecureRandom itself allocates for every few keys and this is the path of every
 * message.
 *
 * <p><b>Thread safety.</b> One for each event loop, shared by its connections.
 */
final class MaskingKeys implements IntSupplier {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BATCH_BYTES = 4_096;
    private static final int BATCHES_A_KEY = 1 << 16;
    private static final int AES_BYTES = 16;
    private static final byte[] ZEROS = new byte[BATCH_BYTES];
    private static final FastThreadLocal<MaskingKeys> LOCAL = new FastThreadLocal<>() {
        @Override
        protected MaskingKeys initialValue() {
            return new MaskingKeys();
        }
    };

    private final byte[] stream = new byte[BATCH_BYTES];
    private final ByteBuffer batch = ByteBuffer.wrap(stream).limit(0);
    private Cipher cipher = freshCipher();
    private int batchesLeft = BATCHES_A_KEY;

    private MaskingKeys() {}

    /** Returns the calling event loop's keys. */
    static MaskingKeys ofThisLoop() {
        return LOCAL.get();
    }

    @Override
    public int getAsInt() {
        if (!batch.hasRemaining()) {
            refill();
        }
        return batch.getInt();
    }

    private void refill() {
        if (--batchesLeft == 0) {
            cipher = freshCipher();
            batchesLeft = BATCHES_A_KEY;
        }
        try {
            cipher.update(ZEROS, 0, BATCH_BYTES, stream, 0);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("AES in counter mode turns a batch into a batch", e);
        }
        batch.clear();
    }

    private static Cipher freshCipher() {
        byte[] key = new byte[AES_BYTES];
        byte[] start = new byte[AES_BYTES];
        RANDOM.nextBytes(key);
        RANDOM.nextBytes(start);
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(start));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "this Java platform lacks AES in counter mode; use one with the SunJCE provider", e);
        }
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
