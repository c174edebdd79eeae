package io.everwire.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a peer sends, built by hand and by none of the classes under test. */
final class Wire {
    static final int FIN = 0x80;
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;
    private static final byte[] KEY = {0x37, (byte) 0xFA, 0x21, 0x3D};

    private final boolean isMasked;

    private Wire(boolean isMasked) {
        this.isMasked = isMasked;
    }

    /** Returns the wire of the peer of an endpoint in this role. */
    static Wire to(Role receiver) {
        return new Wire(receiver == Role.SERVER);
    }

    byte[] text(String text) {
        return frame(FIN | TEXT, utf8(text));
    }

    byte[] binary(byte... payload) {
        return frame(FIN | BINARY, payload);
    }

    byte[] ping(String payload) {
        return frame(FIN | PING, utf8(payload));
    }

    byte[] pong(String payload) {
        return frame(FIN | PONG, utf8(payload));
    }

    byte[] close(int code, String reason) {
        return frame(FIN | CLOSE, join(new byte[] {(byte) (code >> 8), (byte) code}, utf8(reason)));
    }

    /** Returns a frame with any first byte, the length encoded in the fewest bytes. */
    byte[] frame(int first, byte... payload) {
        int lengthBytes = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
        byte[] masked = payload.clone();
        for (int i = 0; isMasked && i < masked.length; i++) {
            masked[i] ^= KEY[i % 4];
        }
        return join(header(first, payload.length, lengthBytes), masked);
    }

    /** Returns a header alone, the length encoded in 0, 2 or 8 extended bytes. */
    byte[] header(int first, long length, int lengthBytes) {
        int maskBit = isMasked ? 0x80 : 0;
        ByteBuffer header = ByteBuffer.allocate(14).put((byte) first);
        switch (lengthBytes) {
            case 0 -> header.put((byte) (maskBit | (int) length));
            case 2 -> header.put((byte) (maskBit | 126)).putShort((short) length);
            default -> header.put((byte) (maskBit | 127)).putLong(length);
        }
        if (isMasked) {
            header.put(KEY);
        }
        return Arrays.copyOf(header.array(), header.position());
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
