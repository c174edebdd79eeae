package io.everwire.protocol;

import io.everwire.CompressionPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the messages of one endpoint (RFC 7692 §7.2.1).
 *
 * <p><b>Windows.</b> The JDK's deflater refers back by up to 32 KiB and cannot be told otherwise. Where less was agreed on it is made to
 * forget everything after each window's worth of input, counted across messages, so that nothing refers further back than a window. That
 * is legal for every peer and compresses worse than a deflater with a window of that size.
 *
 * <p>Not thread-safe; one connection, one deflater.
 */
public final class MessageDeflater {
    /** What a flush ends with, and a sender leaves out: an empty block without compression. */
    private static final int TAIL_BYTES = 4;

    private final FlatePool pool;
    private final ByteBufAllocator allocator;
    private final int level;
    private final int windowBytes;
    private final boolean keepsContext;
    /** The deflater whose window holds what was sent; null while there is none. */
    private @Nullable Deflater kept;
    /** How much input the window holds, counted only where it must not be all 32 KiB. */
    private int rememberedBytes;

    /**
     * Makes the deflater of a new connection; it takes no memory outside the heap before the first message.
     *
     * @param pool of the event loop that the connection lives on
     * @param allocator where the buffers of compressed messages come from
     * @param sender whose endpoint this is
     */
    public MessageDeflater(
            FlatePool pool,
            ByteBufAllocator allocator,
            Role sender,
            CompressionPolicy policy,
            DeflateAgreement agreement) {
        this.pool = pool;
        this.allocator = allocator;
        level = policy.level();
        // A client may have promised less than the server asks for; both hold.
        windowBytes = 1 << Math.min(policy.ownWindowBits(), agreement.windowBits(sender));
        keepsContext = policy.keepsOwnContext() && agreement.keepsContext(sender);
    }

    /** Tells whether a message is compressed with regard to earlier ones, so that its bytes are this connection's alone. */
    public boolean keepsContext() {
        return keepsContext;
    }

    /** Returns how far back a message may refer, in bytes. */
    public int windowBytes() {
        return windowBytes;
    }

    /**
     * Compresses one message.
     *
     * @param payload is read only
     * @param index an absolute index in {@code payload}
     * @param length in bytes
     * @return the payload of the compressed message in a new buffer that the caller releases; null when it would not be shorter, and the
     *     message is to be sent as it is
     */
    public @Nullable ByteBuf deflate(ByteBuf payload, int index, int length) {
        Deflater deflater = kept;
        if (deflater == null) {
            deflater = pool.borrowDeflater(level);
            rememberedBytes = 0;
        }
        kept = null;
        // One byte less than the message, and the flush's tail: a deflater that fills it has gained nothing.
        ByteBuf target = allocator.directBuffer(length + TAIL_BYTES);
        boolean isShorter = false;
        try {
            isShorter = deflateInto(deflater, target, payload, index, length);
        } finally {
            if (isShorter && keepsContext) {
                kept = deflater;
                pool.noteKept(this, deflater);
            } else {
                // It has seen what the peer will not see, or is done.
                pool.noteForgotten(this);
                pool.giveBack(deflater, level);
            }
            if (!isShorter) {
                target.release();
            }
        }
        return isShorter ? target : null;
    }

    private boolean deflateInto(Deflater deflater, ByteBuf target, ByteBuf payload, int index, int length) {
        ByteBuffer output = target.nioBuffer(0, length + TAIL_BYTES - 1);
        int from = index;
        int end = index + length;
        while (from < end) {
            int bytes = end - from;
            boolean isFull = false;
            if (windowBytes < 1 << CompressionPolicy.MOST_WINDOW_BITS) {
                bytes = Math.min(bytes, windowBytes - rememberedBytes);
                rememberedBytes += bytes;
                isFull = rememberedBytes == windowBytes;
                rememberedBytes = isFull ? 0 : rememberedBytes;
            }
            deflater.setInput(payload.nioBuffer(from, bytes));
            from += bytes;
            // Between two windows it must forget; at the end of the message it must flush; both do the other's.
            deflater.deflate(output, isFull ? Deflater.FULL_FLUSH : Deflater.SYNC_FLUSH);
            if (!output.hasRemaining()) {
                return false;
            }
        }
        // RFC 7692 §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
        target.writerIndex(output.position() - TAIL_BYTES);
        return true;
    }

    /** Gives the deflater back; the next message begins with an empty window. */
    void forget() {
        Deflater deflater = kept;
        kept = null;
        pool.noteForgotten(this);
        if (deflater != null) {
            pool.giveBack(deflater, level);
        }
    }

    /** Gives back what is kept; the connection is over. */
    public void close() {
        forget();
    }
}
