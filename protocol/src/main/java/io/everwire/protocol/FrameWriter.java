package io.everwire.protocol;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The encoder of one endpoint's frames (RFC 6455 §5.2): each method appends one frame to a buffer of the caller.
 *
 * <p>It holds no state but the source of masking keys, and leaves the indexes of every payload alone. Rules about the
 * order of frames are the caller's: nothing is written after a close frame, and no other data frame inside a fragmented
 * message.
 */
public final class FrameWriter {
    private static final int NONCE_AND_TIME_BYTES = 2 * Long.BYTES;
    private static final int CODE_BYTES = 2;
    /** Below this length, in bytes, a server copies without the NIO views that copying between two buffers may make. */
    private static final int VIEWLESS_BYTES = 128;

    private final boolean isMasking;
    private final IntSupplier maskingKeys;

    /**
     * Makes the writer of one endpoint.
     *
     * @param role whose endpoint this is: a client's frames are masked
     * @param maskingKeys draws the masking key of each frame from a strong source of entropy; unused for a server
     */
    public FrameWriter(Role role, IntSupplier maskingKeys) {
        // §5.1: "a client MUST mask all frames that it sends to the server [...] A server MUST NOT mask any frames that
        // it
        // sends to the client."
        isMasking = role == Role.CLIENT;
        this.maskingKeys = maskingKeys;
    }

    /** Returns the most bytes that a frame has beyond its payload: 14. */
    public static int maxHeaderBytes() {
        return FrameHeader.MAX_BYTES;
    }

    /**
     * Writes one frame of a message, with a copy of {@code payload[offset, offset + length)}.
     *
     * @param target where the frame is appended; grows as needed
     * @param first whether this frame begins the message; otherwise it is a continuation
     * @param last whether this frame ends the message
     * @param text whether the message is text; the caller vouches that it is UTF-8
     * @param payload may be shared with other threads that read it
     * @param offset an absolute index in {@code payload}
     * @param length in bytes
     * @throws IndexOutOfBoundsException when {@code payload} does not reach that far; nothing is written then
     */
    public void writeData(
            ByteBuf target, boolean first, boolean last, boolean text, ByteBuf payload, int offset, int length) {
        // §5.4: "the opcode set to 0" for every frame of a message but its first.
        int opcode = first ? dataOpcode(text) : Opcode.CONTINUATION;
        writeFrame(target, last, opcode, payload, offset, length);
    }

    /**
     * Writes one frame of a compressed message (RFC 7692 §6.1), as {@link #writeData} does of another one.
     *
     * @param payload compressed by a {@link MessageDeflater}
     */
    public void writeCompressed(
            ByteBuf target, boolean first, boolean last, boolean text, ByteBuf payload, int offset, int length) {
        int opcode = first ? FrameHeader.COMPRESSED | dataOpcode(text) : Opcode.CONTINUATION;
        writeFrame(target, last, opcode, payload, offset, length);
    }

    /**
     * Writes a ping (RFC 6455 §5.5.2).
     *
     * @param target where the frame is appended; grows as needed
     * @param payload its readable bytes, at most 125, are copied
     * @throws IllegalArgumentException when the payload is longer than 125 bytes
     */
    public void writePing(ByteBuf target, ByteBuf payload) {
        writeControl(target, Opcode.PING, payload);
    }

    /**
     * Writes a ping of 16 bytes, by whose echo its pong is known.
     *
     * @param target where the frame is appended; grows as needed
     * @param nonce the first eight bytes, in network byte order
     * @param sentNanos the other eight: when the ping was sent, in nanoseconds of whatever clock the caller has
     */
    public void writePing(ByteBuf target, long nonce, long sentNanos) {
        long keys = Masker.twice(writeHeader(target, true, Opcode.PING, NONCE_AND_TIME_BYTES));
        target.writeLong(nonce ^ keys).writeLong(sentNanos ^ keys);
    }

    /**
     * Writes a pong (RFC 6455 §5.5.3), which must have "identical "Application data"" as the ping it answers.
     *
     * @param target where the frame is appended; grows as needed
     * @param payload its readable bytes, at most 125, are copied
     * @throws IllegalArgumentException when the payload is longer than 125 bytes
     */
    public void writePong(ByteBuf target, ByteBuf payload) {
        writeControl(target, Opcode.PONG, payload);
    }

    /**
     * Writes a close frame. The application "MUST NOT send any more data frames" after it (RFC 6455 §5.5.1).
     *
     * @param target where the frame is appended; grows as needed
     * @param status what the frame says; null for an empty one
     * @throws IllegalArgumentException when the code may only be observed, such as 1005 and 1006
     */
    public void writeClose(ByteBuf target, @Nullable CloseStatus status) {
        if (status == null) {
            writeHeader(target, true, Opcode.CLOSE, 0);
            return;
        }
        // §7.4.1: "MUST NOT be set as a status code in a Close control frame by an endpoint."
        if (!CloseCode.isSendable(status.code())) {
            throw new IllegalArgumentException("close code " + status.code()
                    + " must not be sent (RFC 6455 section 7.4); send null for an empty close frame");
        }
        byte[] reason = status.reason().getBytes(StandardCharsets.UTF_8);
        int key = writeHeader(target, true, Opcode.CLOSE, CODE_BYTES + reason.length);
        int payloadIndex = target.writerIndex();
        target.writeShort(status.code()).writeBytes(reason);
        if (isMasking) {
            Masker.mask(target, payloadIndex, CODE_BYTES + reason.length, key);
        }
    }

    /**
     * Encodes a whole message as one unmasked frame of a server, for all recipients of a broadcast.
     *
     * @param allocator where the buffer of the frame comes from
     * @param text whether the message is text; the caller vouches that it is UTF-8
     * @param payload its readable bytes are copied
     * @return a new buffer that the caller owns; write {@code retainedDuplicate()}s of it
     */
    public static ByteBuf encodeForAll(ByteBufAllocator allocator, boolean text, ByteBuf payload) {
        int length = payload.readableBytes();
        ByteBuf frame = allocator.buffer(FrameHeader.MAX_BYTES + length);
        encodeHeader(frame, true, dataOpcode(text), 0, length);
        return frame.writeBytes(payload, payload.readerIndex(), length);
    }

    private static int dataOpcode(boolean text) {
        return text ? Opcode.TEXT : Opcode.BINARY;
    }

    private void writeControl(ByteBuf target, int opcode, ByteBuf payload) {
        int length = payload.readableBytes();
        // §5.5: "All control frames MUST have a payload length of 125 bytes or less".
        if (length > FrameHeader.MAX_CONTROL_PAYLOAD) {
            throw new IllegalArgumentException("a control frame holds at most " + FrameHeader.MAX_CONTROL_PAYLOAD
                    + " bytes of payload, not " + length);
        }
        writeFrame(target, true, opcode, payload, payload.readerIndex(), length);
    }

    private void writeFrame(ByteBuf target, boolean last, int opcode, ByteBuf payload, int offset, int length) {
        if (offset < 0 || length < 0 || offset > payload.capacity() - length) {
            throw new IndexOutOfBoundsException("bytes " + offset + " to " + ((long) offset + length)
                    + " are outside a payload buffer of " + payload.capacity() + " bytes");
        }
        int key = writeHeader(target, last, opcode, length);
        if (isMasking || length < VIEWLESS_BYTES) {
            int to = target.writerIndex();
            Masker.copy(payload, offset, target, to, length, key);
            target.writerIndex(to + length);
        } else {
            target.writeBytes(payload, offset, length);
        }
    }

    /** Makes room for the frame and writes its header; returns the masking key, or 0 for a server. */
    private int writeHeader(ByteBuf target, boolean last, int opcode, int length) {
        target.ensureWritable(FrameHeader.MAX_BYTES + length);
        encodeHeader(target, last, opcode, isMasking ? FrameHeader.MASK : 0, length);
        if (!isMasking) {
            return 0;
        }
        // §5.3: "the masking key MUST be derived from a strong source of entropy", and a new one for each frame.
        int key = maskingKeys.getAsInt();
        target.writeInt(key);
        return key;
    }

    private static void encodeHeader(ByteBuf target, boolean last, int opcode, int maskBit, int length) {
        int start = (last ? FrameHeader.FIN | opcode : opcode) << Byte.SIZE | maskBit;
        // §5.2: "in all cases, the minimal number of bytes MUST be used to encode the length".
        if (length < FrameHeader.LENGTH_IN_2_BYTES) {
            target.writeShort(start | length);
        } else if (length < 1 << Short.SIZE) {
            target.writeInt((start | FrameHeader.LENGTH_IN_2_BYTES) << Short.SIZE | length);
        } else {
            target.writeShort(start | FrameHeader.LENGTH_IN_8_BYTES).writeLong(length);
        }
    }
}
