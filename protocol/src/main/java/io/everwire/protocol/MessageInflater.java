package io.everwire.protocol;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses the messages of a peer (RFC 7692 §7.2.2), each when all of it has arrived: a message that is never completed costs what was
 * sent of it, not what that would become.
 *
 * <p>Never more is produced than the limit of a message and one byte, by which it is seen to be exceeded. A message must end where a block
 * of DEFLATE ends, which the RFC demands of the sender: a truncated one is refused, not delivered in part.
 *
 * <p>The inflater is borrowed for one message. Where the peer may refer to earlier messages, the bytes of its window are kept in the heap
 * and given to the inflater of the next message.
 *
 * <p>Not thread-safe; one connection, one inflater.
 */
public final class MessageInflater {
    private static final int LEAST_BUFFER_BYTES = 256;
    /** What a compressed message becomes at first: less than most do, for the buffer grows. */
    private static final int GUESSED_RATIO = 3;

    /**
     * RFC 7692 §7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message." The empty final block behind
     * them ends the stream if it begins where a block may begin.
     */
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF, 1, 0, 0, (byte) 0xFF, (byte) 0xFF};

    private final FlatePool pool;
    private final ByteBufAllocator allocator;
    private final int mostBytes;
    private final int mostStreams;
    private final int windowBytes;
    private final boolean keepsContext;
    /** The last bytes that the peer sent, {@code rememberedBytes} of them, as large as its window at most. */
    private byte[] window = {};

    private int rememberedBytes;
    private @Nullable CloseStatus failure;

    /**
     * Makes the inflater of a new connection; it takes no memory before the first message.
     *
     * @param pool of the event loop that the connection lives on
     * @param allocator where the buffers of inflated messages come from
     * @param receiver whose endpoint this is
     * @param limits of which {@link Limits#messageBytes()} bounds the inflated message, and {@link Limits#fragments()} its final blocks,
     *     each of which ends a stream of its own
     */
    public MessageInflater(
            FlatePool pool, ByteBufAllocator allocator, Role receiver, Limits limits, DeflateAgreement agreement) {
        Role sender = receiver == Role.SERVER ? Role.CLIENT : Role.SERVER;
        this.pool = pool;
        this.allocator = allocator;
        mostBytes = limits.messageBytes();
        mostStreams = limits.fragments();
        windowBytes = 1 << agreement.windowBits(sender);
        keepsContext = agreement.keepsContext(sender);
    }

    /**
     * Returns how long a compressed message may be, in bytes: an eighth and a KiB more than an inflated one, because what cannot be
     * compressed gets longer, and shorter windows or more flushes make it longer still.
     */
    static int mostCompressedBytes(int messageBytes) {
        return (int) Math.min(Integer.MAX_VALUE, messageBytes + (messageBytes >> 3) + 1_024L);
    }

    /**
     * Decompresses one message.
     *
     * @param payload is read only
     * @param index an absolute index in {@code payload}
     * @param length in bytes
     * @return the message in a new buffer that the caller releases; null when it is refused, and {@link #failure()} says why
     */
    @Nullable ByteBuf inflate(ByteBuf payload, int index, int length) {
        failure = null;
        Inflater inflater = pool.borrowInflater();
        ByteBuf target = allocator.buffer(firstCapacity(length));
        boolean isWhole = false;
        try {
            if (rememberedBytes > 0) {
                inflater.setDictionary(window, 0, rememberedBytes);
            }
            isWhole = inflate(inflater, payload.nioBuffer(index, length), target);
        } catch (DataFormatException e) {
            failure = invalid("the compressed message is no DEFLATE: " + e.getMessage());
        } finally {
            pool.giveBack(inflater);
            if (!isWhole) {
                target.release();
            }
        }
        if (isWhole && keepsContext) {
            remember(target);
        }
        return isWhole ? target : null;
    }

    private int firstCapacity(int length) {
        long guess = Math.max(LEAST_BUFFER_BYTES, (long) GUESSED_RATIO * length);
        return (int) Math.min(guess, mostBytes + 1L);
    }

    private boolean inflate(Inflater inflater, ByteBuffer compressed, ByteBuf target) throws DataFormatException {
        inflater.setInput(compressed);
        boolean isEnded = drain(inflater, target);
        // RFC 7692 §7.2.3.4 lets a message have final blocks; "the next DEFLATE block follows the padded data if any"
        // (§7.2.1).
        for (int streams = 1; failure == null && isEnded && inflater.getRemaining() > 0; streams++) {
            if (streams == mostStreams) {
                failure = new CloseStatus(
                        CloseCode.TOO_LARGE,
                        "a compressed message of more than " + mostStreams + " final blocks exceeds the limit");
                return false;
            }
            compressed.position(compressed.limit() - inflater.getRemaining());
            inflater.reset();
            inflater.setInput(compressed);
            isEnded = drain(inflater, target);
        }
        if (failure == null && !isEnded) {
            inflater.setInput(TAIL);
            isEnded = drain(inflater, target);
            if (failure == null && (!isEnded || inflater.getRemaining() > 0)) {
                failure = invalid("the compressed message ends within a block of DEFLATE, after " + target.writerIndex()
                        + " bytes");
            }
        }
        return failure == null;
    }

    /** Inflates until the input is used up or its stream has ended, and returns which; or until the limit is exceeded. */
    private boolean drain(Inflater inflater, ByteBuf target) throws DataFormatException {
        while (!inflater.finished()) {
            int from = target.writerIndex();
            ByteBuffer output = target.nioBuffer(from, target.capacity() - from);
            inflater.inflate(output);
            target.writerIndex(from + output.position());
            if (target.writerIndex() > mostBytes) {
                failure = new CloseStatus(
                        CloseCode.TOO_LARGE,
                        "a compressed message becomes longer than the limit of " + mostBytes + " bytes");
                return false;
            }
            if (output.hasRemaining()) {
                return inflater.finished();
            }
            target.capacity((int) Math.min(mostBytes + 1L, 2L * target.capacity()));
        }
        return true;
    }

    private static CloseStatus invalid(String reason) {
        // RFC 6455 §7.4.1: 1007 is for "data within a message that was not consistent with the type of the message".
        return new CloseStatus(CloseCode.INVALID_PAYLOAD, reason);
    }

    private void remember(ByteBuf message) {
        int length = message.readableBytes();
        int old = Math.min(rememberedBytes, Math.max(0, windowBytes - length));
        int added = Math.min(length, windowBytes);
        if (window.length < old + added) {
            byte[] larger = new byte[Math.min(windowBytes, Math.max(old + added, 2 * window.length))];
            System.arraycopy(window, rememberedBytes - old, larger, 0, old);
            window = larger;
        } else {
            System.arraycopy(window, rememberedBytes - old, window, 0, old);
        }
        message.getBytes(message.writerIndex() - added, window, old, added);
        rememberedBytes = old + added;
    }

    /** Returns why the last message was refused, or null. */
    @Nullable CloseStatus failure() {
        return failure;
    }
}
