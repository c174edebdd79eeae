package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * What a connection without TLS reads into. Until its upgrade that is a small buffer of its own, for HTTP keeps what is incomplete. After
 * it, all connections of an event loop share one: each is done with what it has read before the next one reads. So no idle connection
 * holds a buffer, a busy one allocates none, and however much has come is read at once.
 *
 * <p><b>Thread safety.</b> Any thread; the shared buffer is one for each.
 */
final class ReadBuffer implements RecvByteBufAllocator {
    /** For the opening handshake. */
    static final ReadBuffer OWN = new ReadBuffer();

    /** For the frame path, which gives back what it is given within the read. */
    static final ReadBuffer SHARED = new ReadBuffer();

    private static final int OWN_BYTES = 2 << 10;
    /** What a socket's receive buffer seldom exceeds, and what fits the processor's cache. */
    private static final int SHARED_BYTES = 64 << 10;

    private static final FastThreadLocal<ByteBuf> OF_THE_LOOP = new FastThreadLocal<>() {
        @Override
        protected void onRemoval(ByteBuf buffer) {
            buffer.release();
        }
    };

    /** How often the kernel is asked before others have their turn. */
    private static final int MOST_READS = 16;

    private static final FastThreadLocal<Turn> TURN = new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
            return new Turn();
        }
    };

    private ReadBuffer() {}

    @Override
    public ExtendedHandle newHandle() {
        return new Handle();
    }

    private static ByteBuf shared(ByteBufAllocator allocator) {
        ByteBuf buffer = OF_THE_LOOP.getIfExists();
        if (buffer == null) {
            buffer = allocator.directBuffer(SHARED_BYTES, SHARED_BYTES);
            OF_THE_LOOP.set(buffer);
        }
        // Somebody who keeps it would be a mistake, and must not lose what he keeps.
        return buffer.refCnt() == 1 ? buffer.clear().retain() : allocator.directBuffer(OWN_BYTES);
    }

    /**
     * What a channel keeps for all its reads. A channel asks for its handle once, and so the handle looks at each read which buffer the
     * channel wants by now. What counts within a read is the event loop's, for it reads one connection after the other.
     */
    private static final class Handle implements ExtendedHandle {
        private Turn turn = TURN.get();

        @Override
        public void reset(ChannelConfig config) {
            // The channel may live on another event loop by now.
            Turn fresh = TURN.get();
            turn = fresh;
            fresh.config = config;
            fresh.isSharing = config.getRecvByteBufAllocator() == SHARED;
            fresh.reads = 0;
            fresh.bytes = 0;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return turn.isSharing ? shared(allocator) : allocator.directBuffer(OWN_BYTES);
        }

        @Override
        public int guess() {
            return turn.isSharing ? SHARED_BYTES : OWN_BYTES;
        }

        @Override
        public void incMessagesRead(int reads) {
            turn.reads += reads;
        }

        @Override
        public void lastBytesRead(int bytes) {
            turn.last = bytes;
            turn.bytes += Math.max(0, bytes);
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
            return continueReading(turn.isFilled);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier mayHaveMore) {
            ChannelConfig config = turn.config;
            // Somebody who was called in between may have stopped the reading.
            return config != null
                    && config.isAutoRead()
                    && turn.reads < MOST_READS
                    && turn.bytes > 0
                    && mayHaveMore.get();
        }

        @Override
        public void readComplete() {
            turn.config = null;
        }
    }

    /** One read of one connection, which is several calls of the kernel. */
    private static final class Turn {
        @Nullable ChannelConfig config;

        boolean isSharing;
        int reads;
        int bytes;
        int attempted;
        int last;
        final UncheckedBooleanSupplier isFilled = () -> last == attempted;
    }
}
