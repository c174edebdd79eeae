package io.everwire.store.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What is written at once and is there or not there as a whole: records behind a header of the file's mark (8 bytes), their length (4),
 * and a CRC-32C over both and the records (4).
 */
final class Frame {
    static final int HEADER_BYTES = 16;

    private static final int INITIAL_BYTES = 64 * 1024;
    /** A buffer that grew beyond this is given back after use. */
    private static final int KEPT_BYTES = 4 << 20;

    private ByteBuffer buffer = ByteBuffer.allocate(INITIAL_BYTES).position(HEADER_BYTES);

    /** Begins anew. */
    void clear() {
        if (buffer.capacity() > KEPT_BYTES) {
            buffer = ByteBuffer.allocate(INITIAL_BYTES);
        }
        buffer.clear().position(HEADER_BYTES);
    }

    boolean isEmpty() {
        return buffer.position() == HEADER_BYTES;
    }

    /** Returns the size so far, in bytes, with the header. */
    int size() {
        return buffer.position();
    }

    /** Returns the buffer, with room for as many bytes as are asked for. */
    ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int needed = Math.addExact(buffer.position(), bytes);
            int doubled = (int) Math.min(Integer.MAX_VALUE - 8, buffer.capacity() * 2L);
            buffer = ByteBuffer.allocate(Math.max(needed, doubled)).put(buffer.flip());
        }
        return buffer;
    }

    /** Fills in the header and returns all bytes, to be read. */
    ByteBuffer seal(long mark) {
        int length = buffer.position() - HEADER_BYTES;
        buffer.putLong(0, mark).putInt(8, length);
        buffer.putInt(12, checksum(mark, length, buffer.duplicate().flip().position(HEADER_BYTES)));
        return buffer.duplicate().flip();
    }

    static int checksum(long mark, int length, ByteBuffer records) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(12).putLong(mark).putInt(length).flip());
        crc.update(records);
        return (int) crc.getValue();
    }
}
