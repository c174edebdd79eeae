package io.everwire.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Frames of a client, encoded before the load begins: the same payload each time, each with another mask. */
final class Frames {
    private static final int FIN = 0x80;
    /** RSV1 marks what is compressed, RFC 7692 §6. */
    static final int COMPRESSED = 0x40;

    private static final int MASKED = 0x80;
    private static final int SHORT = 125;
    private static final int KEY_BYTES = 4;
    private static final int PRINTABLE = 95;

    final boolean isText;
    private final byte[] payload;
    private final byte[] sent;
    private final boolean isCompressed;
    private final ByteBuffer block;
    private final int frameBytes;

    /**
     * Encodes messages of noise, as they are.
     *
     * @param count how many frames lie one behind the other
     */
    Frames(boolean isText, int bytes, int count, Random random) {
        this(isText, noise(isText, bytes, random), false, count, random);
    }

    private Frames(boolean isText, byte[] payload, boolean isCompressed, int count, Random random) {
        this.isText = isText;
        this.payload = payload;
        this.isCompressed = isCompressed;
        sent = isCompressed ? DeflateOffer.compress(payload) : payload;
        frameBytes = lengthBytes(sent.length) + KEY_BYTES + sent.length;
        block = ByteBuffer.allocateDirect(Math.multiplyExact(frameBytes, count));
        for (int i = 0; i < count; i++) {
            encode(random.nextInt() | 0x01010101);
        }
        block.flip();
    }

    /** Encodes messages of text that looks like JSON. */
    static Frames json(int bytes, boolean isCompressed, int count, Random random) {
        StringBuilder text = new StringBuilder("[");
        while (text.length() < bytes) {
            text.append("{\"id\":")
                    .append(random.nextInt(1_000_000))
                    .append(",\"room\":\"floor-")
                    .append(random.nextInt(40))
                    .append("\",\"celsius\":")
                    .append(15 + random.nextInt(100) / 10.0)
                    .append(",\"isOpen\":")
                    .append(random.nextBoolean())
                    .append("},");
        }
        byte[] payload = text.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
        return new Frames(true, payload, isCompressed, count, random);
    }

    private static byte[] noise(boolean isText, int bytes, Random random) {
        byte[] noise = new byte[bytes];
        if (isText) {
            for (int i = 0; i < bytes; i++) {
                noise[i] = (byte) (' ' + random.nextInt(PRINTABLE));
            }
        } else {
            random.nextBytes(noise);
        }
        return noise;
    }

    private static int lengthBytes(int bytes) {
        return bytes <= SHORT ? 2 : bytes <= 0xFFFF ? 4 : 10;
    }

    private void encode(int key) {
        block.put((byte) (FIN | (isCompressed ? COMPRESSED : 0) | opcode()));
        int bytes = sent.length;
        if (bytes <= SHORT) {
            block.put((byte) (MASKED | bytes));
        } else if (bytes <= 0xFFFF) {
            block.put((byte) (MASKED | 126)).putShort((short) bytes);
        } else {
            block.put((byte) (MASKED | 127)).putLong(bytes);
        }
        block.putInt(key);
        for (int i = 0; i < bytes; i++) {
            block.put((byte) (sent[i] ^ (key >>> (24 - 8 * (i & 3)))));
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

    /** Tells whether the messages are sent compressed; then their echoes must be, too, and their lengths may differ. */
    boolean isCompressed() {
        return isCompressed;
    }

    /** Tells whether the payload of an echo, as it came, is that of the messages. */
    boolean isEchoed(ByteBuffer echo) {
        return isCompressed ? DeflateOffer.isOf(payload, echo) : echo.equals(payload());
    }

    /** Returns what every message holds. */
    ByteBuffer payload() {
        return ByteBuffer.wrap(payload);
    }
}
