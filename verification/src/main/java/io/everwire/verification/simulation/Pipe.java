package io.everwire.verification.simulation;

import java.util.Arrays;

/**
 * The bytes of one direction of a connection, from its first to its last. A message is an envelope: 4 bytes of length, one of
 * {@link #kind()}, 4 of the hidden identity, the payload. So a cut can fall at any byte.
 */
final class Pipe {
    static final int HEADER = 9;
    static final byte REQUEST = 0;
    static final byte RESPONSE = 1;
    static final byte TEXT = 2;
    static final byte BINARY = 3;
    static final byte CLOSE = 4;

    byte[] bytes;
    /** How many were written, sent on their way, have arrived, and were read. */
    int written;

    int flushed;
    int delivered;
    int parsed;
    /** No byte after this many ever arrives. */
    int limit = Integer.MAX_VALUE;
    /** Whether nobody notices that bytes are lost. */
    boolean isMuted;

    boolean isFinished;
    boolean isFinishSent;
    /** When the last bytes on their way arrive. */
    long latest;

    Pipe(byte[] bytes) {
        this.bytes = bytes;
    }

    void write(byte kind, int id, byte[] payload, int escape) {
        int length = payload.length + escape;
        if (written + HEADER + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, written + HEADER + length));
        }
        int at = putInt(written, length);
        bytes[at++] = kind;
        at = putInt(at, id);
        if (escape > 0) {
            bytes[at++] = 0;
        }
        System.arraycopy(payload, 0, bytes, at, payload.length);
        written = at + payload.length;
    }

    private int putInt(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
        return at + 4;
    }

    private int intAt(int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    /** Tells whether a whole envelope has arrived; the accessors then describe it until {@link #next}. */
    boolean hasEnvelope() {
        return delivered - parsed >= HEADER && delivered - parsed >= HEADER + length();
    }

    int length() {
        return intAt(parsed);
    }

    byte kind() {
        return bytes[parsed + 4];
    }

    int id() {
        return intAt(parsed + 5);
    }

    /** Where the payload begins. */
    int start() {
        return parsed + HEADER;
    }

    void next() {
        parsed += HEADER + length();
    }
}
