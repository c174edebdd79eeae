package io.everwire.transport;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.session.resume.TextFraming;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One outbound message on its way: queued, then handed to a connection fragment by fragment, then settled.
 *
 * <p>Until its last fragment is handed over the peer cannot have the message, so a lost connection puts it back to the front
 * of the queue; after that it is never written again.
 */
final class Send {
    /** The largest payload of an outbound frame, so that a ping never waits behind more than this. */
    static final int FRAGMENT_BYTES = 16 << 10;

    static final long NEVER = Long.MAX_VALUE;

    private static final ByteBuf ESCAPE = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[1]));

    final boolean isText;
    final int length;
    final @Nullable CompletableFuture<Delivery> delivery;
    final @Nullable String key;
    /** The instant after which the message is not written any more, {@link #NEVER} for none. */
    final long expiresNanos;

    /** Whether the message belongs to one connection only and is never put back. */
    boolean isDirect;

    /** Whether this is one writing of something that a resumable session keeps: it costs the queue nothing and is never put back. */
    private final boolean isTransmission;

    /** One of the three has the message. */
    private final @Nullable ByteBuf payload;

    private final @Nullable EncodedMessage encoded;
    private final @Nullable KeptBytes kept;
    /** Where it is kept. */
    private final long position;

    private int handedBytes;
    private int handedFrames;
    /** The message's number: of the connection that it was handed to, or of the resumable session. */
    long number;

    /** Takes over one reference of the payload. */
    Send(
            boolean isText,
            ByteBuf payload,
            @Nullable CompletableFuture<Delivery> delivery,
            @Nullable String key,
            long expiresNanos) {
        this(isText, payload, delivery, key, expiresNanos, false);
    }

    private Send(
            boolean isText,
            ByteBuf payload,
            @Nullable CompletableFuture<Delivery> delivery,
            @Nullable String key,
            long expiresNanos,
            boolean isTransmission) {
        this.isTransmission = isTransmission;
        this.isText = isText;
        this.payload = payload;
        this.encoded = null;
        this.kept = null;
        this.position = 0;
        this.length = payload.readableBytes();
        this.delivery = delivery;
        this.key = key;
        this.expiresNanos = expiresNanos;
    }

    /** Retains the shared frames. */
    Send(EncodedMessage encoded) {
        this(encoded, false);
    }

    private Send(EncodedMessage encoded, boolean isTransmission) {
        this.isTransmission = isTransmission;
        this.isText = encoded.message().isText();
        this.payload = null;
        this.kept = null;
        this.position = 0;
        this.encoded = encoded.retain();
        this.length = encoded.message().length();
        this.delivery = null;
        this.key = null;
        this.expiresNanos = NEVER;
    }

    private Send(boolean isText, int length, KeptBytes kept, long position) {
        this.isTransmission = false;
        this.isText = isText;
        this.length = length;
        this.payload = null;
        this.encoded = null;
        this.kept = kept;
        this.position = position;
        this.delivery = null;
        this.key = null;
        this.expiresNanos = NEVER;
    }

    /** Copies what is borrowed. */
    static Send copyOf(boolean isText, ByteBuf borrowed) {
        ByteBuf copy = borrowed.alloc().buffer(Math.max(1, borrowed.readableBytes()));
        copy.writeBytes(borrowed, borrowed.readerIndex(), borrowed.readableBytes());
        return new Send(isText, copy, null, null, NEVER);
    }

    /** Copies what is borrowed, for it may have to be sent again; into the heap, which nobody has to give back. */
    static Send kept(boolean isText, ByteBuf borrowed) {
        byte[] bytes = new byte[borrowed.readableBytes()];
        borrowed.getBytes(borrowed.readerIndex(), bytes);
        return new Send(isText, Unpooled.wrappedBuffer(bytes), null, null, NEVER);
    }

    /** Copies what is borrowed to the others of a session, for it may have to be sent again; called on the session's event loop. */
    static Send kept(boolean isText, ByteBuf borrowed, KeptBytes kept) {
        return new Send(isText, borrowed.readableBytes(), kept, kept.add(borrowed));
    }

    /** Makes one writing of a control message of {@code everwire.v1}. */
    static Send control(byte[] text) {
        return new Send(true, Unpooled.wrappedBuffer(text), null, null, NEVER, true);
    }

    /** Makes one writing of this message in a resumable session, which escapes what looks like a control message. */
    Send transmission() {
        if (encoded != null
                && (length == 0 || !escapes(encoded.message().bytes().get(0)))) {
            return new Send(encoded, true);
        }
        ByteBuf own = payload;
        ByteBuf whole = own != null ? own.retainedDuplicate() : payload();
        boolean isEscaped = length > 0 && escapes(whole.getByte(whole.readerIndex()));
        ByteBuf written = isEscaped ? Unpooled.wrappedBuffer(ESCAPE.duplicate(), whole) : whole;
        return new Send(isText, written, null, null, NEVER, true);
    }

    private boolean escapes(byte first) {
        return isText && TextFraming.needsEscape(first);
    }

    /** Returns the frames that many share, null when this is a message of its own. */
    @Nullable EncodedMessage encoded() {
        return encoded;
    }

    /** Returns the whole payload, which this message goes on owning. */
    ByteBuf payload() {
        if (payload != null) {
            return payload;
        }
        return kept != null
                ? Unpooled.wrappedBuffer(kept.get(position, length))
                : Unpooled.wrappedBuffer(message().bytes());
    }

    /** Returns the message, which is copied unless it was encoded for many. */
    Message message() {
        return encoded != null
                ? encoded.message()
                : Message.copyOf(isText, payload().nioBuffer());
    }

    boolean isTransmission() {
        return isTransmission;
    }

    /** What the message is charged in the queue. */
    int cost() {
        return isTransmission ? 0 : length + Limits.MESSAGE_OVERHEAD_BYTES;
    }

    boolean isStarted() {
        return handedBytes > 0 || handedFrames > 0;
    }

    /** Begins anew: the fragments handed to a lost connection do not count. */
    void restart() {
        handedBytes = 0;
        handedFrames = 0;
    }

    /** Writes the next fragment; returns whether it was the last. */
    boolean writeNext(FrameOutput output) {
        if (encoded != null) {
            output.writeFrame(encoded.frame(handedFrames));
            handedFrames++;
            return handedFrames == encoded.frames();
        }
        if (payload == null) {
            throw new AssertionError("a message that is kept is written as a transmission");
        }
        int fragment = Math.min(FRAGMENT_BYTES, length - handedBytes);
        boolean isFirst = handedBytes == 0;
        boolean isLast = handedBytes + fragment == length;
        output.writeData(isFirst, isLast, isText, payload, payload.readerIndex() + handedBytes, fragment);
        handedBytes += fragment;
        return isLast;
    }

    /** Gives the payload back. The message cannot be written after that; what a session keeps is given back in order. */
    void release() {
        if (payload != null) {
            payload.release();
        }
        if (encoded != null) {
            encoded.release();
        }
        if (kept != null) {
            kept.forget(position + length);
        }
    }

    /** Where fragments go. */
    interface FrameOutput {
        void writeData(boolean isFirst, boolean isLast, boolean isText, ByteBuf payload, int offset, int bytes);

        void writeFrame(ByteBuf frame);
    }
}
