package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * How much one connection reads at once: a power of two that follows what comes. It is all that Netty has to remember of a connection
 * between two reads; what counts within a read is the event loop's, for it reads one connection after the other.
 *
 * <p><b>Thread safety.</b> The event loop of the channel only, which may be another one later.
 */
final class ReadSize implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {
    /** 512 bytes to 64 KiB, at first 2 KiB. */
    private static final int SMALLEST = 9;

    private static final int FIRST = 11;
    private static final int LARGEST = 16;
    private static final int GROWTH = 4;
    /** How often the kernel is asked before others have their turn. */
    private static final int MOST_READS = 16;

    private static final FastThreadLocal<Turn> TURN = new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
            return new Turn();
        }
    };

    /** One read of one connection, which is several calls of the kernel. */
    private static final class Turn {
        @Nullable ChannelConfig config;

        int reads;
        int bytes;
        int attempted;
        int last;
    }

    private Turn turn = TURN.get();
    private byte shift = FIRST;
    private boolean wasSmall;

    @Override
    public ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        return allocator.ioBuffer(guess());
    }

    @Override
    public int guess() {
        return 1 << shift;
    }

    @Override
    public void reset(ChannelConfig config) {
        Turn fresh = TURN.get();
        turn = fresh;
        fresh.config = config;
        fresh.reads = 0;
        fresh.bytes = 0;
    }

    @Override
    public void incMessagesRead(int reads) {
        turn.reads += reads;
    }

    @Override
    public void lastBytesRead(int bytes) {
        turn.last = bytes;
        if (bytes > 0) {
            turn.bytes += bytes;
            if (bytes == turn.attempted) {
                adapt(bytes);
            }
        }
    }

    @Override
    public int lastBytesRead() {
        return turn.last;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        turn.attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return turn.attempted;
    }

    @Override
    public boolean continueReading() {
        return continueReading(() -> turn.last == turn.attempted);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier mayHaveMore) {
        ChannelConfig config = turn.config;
        // Somebody who was called in between may have stopped the reading.
        return config != null && config.isAutoRead() && turn.reads < MOST_READS && turn.bytes > 0 && mayHaveMore.get();
    }

    @Override
    public void readComplete() {
        turn.config = null;
        adapt(turn.bytes);
    }

    /** Grows at once and shrinks slowly, when twice in a row half would have been enough. */
    private void adapt(int bytes) {
        if (bytes <= 1 << shift - 1) {
            shift -= wasSmall && shift > SMALLEST ? 1 : 0;
            wasSmall = !wasSmall;
        } else if (bytes >= 1 << shift) {
            shift = (byte) Math.min(shift + GROWTH, LARGEST);
            wasSmall = false;
        }
    }
}
