package io.everwire.verification.conversation;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One frame as it is on the wire, written and read here by hand so that nothing of ours judges itself. */
@SuppressWarnings("ArrayRecordComponent") // Compared by content, below; a test leaves it alone.
public record Frame(boolean isLast, int opcode, byte[] payload) {
    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    private static final byte[] KEY = {0x11, 0x22, 0x33, 0x44};

    public static Frame text(String text) {
        return new Frame(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public static Frame part(boolean isLast, int opcode, String text) {
        return new Frame(isLast, opcode, text.getBytes(StandardCharsets.UTF_8));
    }

    public static Frame binary(int length) {
        return new Frame(true, BINARY, new byte[length]);
    }

    public static Frame ping(String payload) {
        return new Frame(true, PING, payload.getBytes(StandardCharsets.UTF_8));
    }

    public static Frame pongTo(Frame ping) {
        return new Frame(true, PONG, ping.payload());
    }

    public static Frame close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return new Frame(true, CLOSE, payload);
    }

    /** The frame's bytes, masked as a client must and a server must not. */
    public byte[] bytes(boolean isMasked) {
        ByteBuffer bytes = ByteBuffer.allocate(14 + payload.length);
        bytes.put((byte) ((isLast ? 0x80 : 0) | opcode));
        int mask = isMasked ? 0x80 : 0;
        if (payload.length < 126) {
            bytes.put((byte) (mask | payload.length));
        } else if (payload.length < 1 << 16) {
            bytes.put((byte) (mask | 126)).putShort((short) payload.length);
        } else {
            bytes.put((byte) (mask | 127)).putLong(payload.length);
        }
        if (isMasked) {
            bytes.put(KEY);
        }
        for (int i = 0; i < payload.length; i++) {
            bytes.put((byte) (isMasked ? payload[i] ^ KEY[i & 3] : payload[i]));
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** Reads one frame, null at the end of the stream or after a reset. */
    public static @Nullable Frame read(DataInputStream in) throws IOException {
        try {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            long length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] key = new byte[4];
            if ((second & 0x80) != 0) {
                in.readFully(key);
            }
            byte[] payload = new byte[Math.toIntExact(length)];
            in.readFully(payload);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= key[i & 3];
            }
            // With the reserved bits, which are 0 unless a frame begins a compressed message.
            return new Frame((first & 0x80) != 0, first & 0x7f, payload);
        } catch (EOFException | SocketException e) {
            return null;
        }
    }

    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code of a close frame, 1005 when it has none. */
    public int closeCode() {
        return payload.length < 2 ? 1005 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
    }

    public String closeReason() {
        return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Frame frame
                && isLast == frame.isLast
                && opcode == frame.opcode
                && Arrays.equals(payload, frame.payload);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(payload) + opcode;
    }

    @Override
    public String toString() {
        return (isLast ? "" : "unfinished ") + "frame " + opcode + " of " + payload.length + " bytes"
                + (payload.length < 200 ? " '" + text() + "'" : "");
    }
}
