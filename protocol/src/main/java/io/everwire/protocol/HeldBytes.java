package io.everwire.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * The payload bytes that wait for the rest of their message, in one buffer that grows with what has arrived, never with
 * what a header declares, and is given back when empty.
 *
 * <p>Behind the bytes of an incomplete message may stand those of an incomplete control frame, because control frames
 * "MAY be injected in the middle of a fragmented message" (RFC 6455 §5.4).
 */
final class HeldBytes {
    private static final int LEAST_CAPACITY = 256;

    private final ByteBufAllocator allocator;
    private final int mostCapacity;
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    private int size;

    /** Makes an empty one; {@code mostBytes} is what the caller's rules let it hold at most. */
    HeldBytes(ByteBufAllocator allocator, long mostBytes) {
        this.allocator = allocator;
        this.mostCapacity = (int) Math.min(mostBytes, Integer.MAX_VALUE);
    }

    void append(ByteBuf source, int index, int length) {
        if (length == 0) {
            return;
        }
        if (length > bytes.capacity() - size) {
            grow(size + length);
        }
        bytes.setBytes(size, source, index, length);
        size += length;
    }

    /** At most doubles what has arrived, so that many small reads copy each byte a bounded number of times. */
    private void grow(int needed) {
        long wanted = Math.max(LEAST_CAPACITY, Math.max(needed, 2L * bytes.capacity()));
        int capacity = (int) Math.max(needed, Math.min(wanted, mostCapacity));
        if (size == 0) {
            release();
            bytes = allocator.buffer(capacity);
        } else {
            bytes.capacity(capacity);
        }
    }

    /** Takes over a buffer that holds its readable bytes from 0 on, in place of what was held. */
    void replace(ByteBuf other) {
        release();
        bytes = other;
        size = other.readableBytes();
    }

    int size() {
        return size;
    }

    /** Returns the buffer, its indexes set around a part of the held bytes. */
    ByteBuf view(int from, int to) {
        return bytes.setIndex(from, to);
    }

    /** Drops all bytes but the first {@code kept}. */
    void truncate(int kept) {
        size = kept;
        if (kept == 0) {
            release();
        }
    }

    @SuppressWarnings("ReferenceEquality") // To release that one costs time in each message, and does nothing.
    void release() {
        if (bytes != Unpooled.EMPTY_BUFFER) {
            bytes.release();
            bytes = Unpooled.EMPTY_BUFFER;
        }
        size = 0;
    }
}
