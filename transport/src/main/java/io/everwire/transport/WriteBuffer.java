package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * What the connections of an event loop gather their frames in, one after the other: the kernel takes nearly everything at once, and then
 * the same buffer serves the next one. So nothing is allocated for what is written, and the view of the buffer's memory is made once.
 *
 * <p><b>Thread safety.</b> Any thread; the buffers are each thread's own.
 */
final class WriteBuffer {
    private static final int BYTES = 4 << 10;
    /** For those who have more to say, the largest frame or a read full of messages, and of whom the kernel takes it. */
    private static final int MORE_BYTES = 32 << 10;

    /** Of one who reads slowly, and keeps what he is given: a few messages. */
    private static final int SLOW_BYTES = 512;

    private static final Slot SMALL = new Slot(BYTES);
    private static final Slot LARGE = new Slot(MORE_BYTES);

    private WriteBuffer() {}

    /**
     * Returns an empty buffer for at least so many bytes, which the caller releases or writes.
     *
     * @param isMore whether the caller has filled one already, which is not flushed yet
     * @param isSlow whether the kernel has not taken all that the caller wrote before
     */
    static ByteBuf take(ByteBufAllocator allocator, int bytes, boolean isMore, boolean isSlow) {
        if (isSlow || bytes > MORE_BYTES) {
            return allocator.directBuffer(Math.max(bytes, SLOW_BYTES));
        }
        return (isMore || bytes > BYTES ? LARGE : SMALL).take(allocator);
    }

    private static final class Slot extends FastThreadLocal<ByteBuf> {
        private final int bytes;

        Slot(int bytes) {
            this.bytes = bytes;
        }

        ByteBuf take(ByteBufAllocator allocator) {
            ByteBuf buffer = getIfExists();
            if (buffer == null || buffer.refCnt() > 1) {
                // Whoever has the old one has it for himself now.
                remove();
                buffer = allocator.directBuffer(bytes, bytes);
                set(buffer);
            }
            return buffer.clear().retain();
        }

        @Override
        protected void onRemoval(ByteBuf buffer) {
            buffer.release();
        }
    }
}
