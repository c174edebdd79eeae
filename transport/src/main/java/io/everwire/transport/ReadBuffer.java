package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * What a connection without TLS reads into. Until its upgrade that is a small buffer of its own, for HTTP keeps what is incomplete. After
 * it, all connections of an event loop share one: each is done with what it has read before the next one reads. So no idle connection
 * holds a buffer, a busy one allocates none, and however much has come is read at once.
 *
 * <p><b>Thread safety.</b> Any thread; the shared buffer is one for each.
 */
final class ReadBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
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

    private ReadBuffer() {}

    @Override
    public ExtendedHandle newHandle() {
        return new SharingHandle();
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

    /** A channel asks for its handle once, and so the handle looks at each read which buffer the channel wants by now. */
    private final class SharingHandle extends MaxMessageHandle {
        private boolean isSharing;

        @Override
        public void reset(ChannelConfig config) {
            isSharing = config.getRecvByteBufAllocator() == SHARED;
            super.reset(config);
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return isSharing ? shared(allocator) : allocator.directBuffer(OWN_BYTES);
        }

        @Override
        public int guess() {
            return isSharing ? SHARED_BYTES : OWN_BYTES;
        }
    }
}
