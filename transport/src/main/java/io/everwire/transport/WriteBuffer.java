package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * What the connections of an event loop gather their frames in, one after the other: the kernel takes nearly everything at once, and then
 * the same buffer serves the next one. So nothing is allocated for what is written, and the view of the buffer's memory is made once.
 *
 * <p><b>Thread safety.</b> Any thread; the buffer is one for each.
 */
final class WriteBuffer {
    /** Small, because who reads slowly keeps it. */
    private static final int BYTES = 4 << 10;

    private static final FastThreadLocal<ByteBuf> OF_THE_LOOP = new FastThreadLocal<>() {
        @Override
        protected void onRemoval(ByteBuf buffer) {
            buffer.release();
        }
    };

    private WriteBuffer() {}

    /** Returns an empty buffer for at least so many bytes, which the caller releases or writes. */
    static ByteBuf take(ByteBufAllocator allocator, int bytes) {
        if (bytes > BYTES) {
            return allocator.directBuffer(bytes);
        }
        ByteBuf buffer = OF_THE_LOOP.getIfExists();
        if (buffer == null || buffer.refCnt() > 1) {
            // Whoever has the old one has it for himself now.
            OF_THE_LOOP.remove();
            buffer = allocator.directBuffer(BYTES, BYTES);
            OF_THE_LOOP.set(buffer);
        }
        return buffer.clear().retain();
    }
}
