package io.everwire.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.Random;

/** Frames of a client, encoded before the load begins: the same payload each time, each with another mask. */
final class Frames {
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int SHORT = 125;
    private static final int KEY_BYTES = 4;
    private static final int PRINTABLE = 95;

    final boolean isText;
    private final byte[] payload;
    private final ByteBuffer block;
    private final int frameBytes;

    /**
     * Encodes.
     *
     * @param count how many frames lie one behind the other
     */
    Frames(boolean isText, int bytes, int count, Random random) {
        this.isText = isText;
        payload = new byte[bytes];
        if (isText) {
            for (int i = 0; i < bytes; i++) {
                payload[i] = (byte) (' ' + random.nextInt(PRINTABLE));
            }
        } else {
            random.nextBytes(payload);
        }
        frameBytes = lengthBytes(bytes) + KEY_BYTES + bytes;
        block = ByteBuffer.allocateDirect(Math.multiplyExact(frameBytes, count));
        for (int i = 0; i < count; i++) {
            encode(random.nextInt() | 0x01010101);
        }
        block.flip();
    }

    private static int lengthBytes(int bytes) {
        return bytes <= SHORT ? 2 : bytes <= 0xFFFF ? 4 : 10;
    }

    private void encode(int key) {
        block.put((byte) (FIN | opcode()));
        int bytes = payload.length;
        if (bytes <= SHORT) {
            block.put((byte) (MASKED | bytes));
        } else if (bytes <= 0xFFFF) {
            block.put((byte) (MASKED | 126)).putShort((short) bytes);
        } else {
            block.put((byte) (MASKED | 127)).putLong(bytes);
        }
        block.putInt(key);
        for (int i = 0; i < bytes; i++) {
            block.put((byte) (payload[i] ^ (key >>> (24 - 8 * (i & 3)))));
        }
    }

    int opcode() {
        return isText ? 1 : 2;
    }

    /** Returns the size of a message. */
    int payloadBytes() {
        return payload.length;
    }

    /** Returns the size of a frame as it is sent. */
    int frameBytes() {
        return frameBytes;
    }

    /** Returns all frames, in a view of the caller's own. */
    ByteBuffer block() {
        return block.duplicate();
    }

    /** Returns what every message holds. */
    ByteBuffer payload() {
        return ByteBuffer.wrap(payload);
    }
}
