package io.everwire.protocol;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The message that is arriving, frame by frame (RFC 6455 §5.4): which frame may follow, how large the message may still
 * become, and whether its text is UTF-8 so far. It holds numbers, not bytes.
 */
final class ArrivingMessage {
    private final int messageBytes;
    private final int mostCompressedBytes;
    private final int mostFragments;
    private final Utf8Validator utf8 = new Utf8Validator();

    private boolean isBegun;
    private boolean isText;
    private boolean isCompressed;
    private int fragments;
    /** Whether what arrives is UTF-8: the bytes of a compressed text are not. */
    private boolean isUtf8;

    /** What the headers so far declared, in bytes; never more than {@link #messageBytes}, or the compressed equivalent. */
    private int declaredBytes;
    /** What has arrived, in bytes. */
    private int arrivedBytes;
    /** Headers and bytes of payload since the connection was opened. */
    private long progress;

    ArrivingMessage(Limits limits) {
        messageBytes = limits.messageBytes();
        mostCompressedBytes = MessageInflater.mostCompressedBytes(messageBytes);
        mostFragments = limits.fragments();
    }

    /** Judges the header of a data frame before any of its payload is looked at; returns why it is refused, or null. */
    @Nullable CloseStatus handleHeader(FrameHeader header) {
        boolean isContinuation = header.opcode() == Opcode.CONTINUATION;
        // §5.4: "A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0,
        // followed by zero or more frames with the FIN bit clear and the opcode set to 0, and terminated by a single
        // frame with the FIN bit set and an opcode of 0."
        if (isContinuation && !isBegun) {
            return new CloseStatus(
                    CloseCode.PROTOCOL_ERROR, "a continuation frame came without a message that it could continue");
        }
        // §5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message".
        if (!isContinuation && isBegun) {
            return new CloseStatus(
                    CloseCode.PROTOCOL_ERROR,
                    "a data frame of opcode " + FrameHeader.hex(header.opcode()) + " came after " + fragments
                            + " fragments of an unfinished message");
        }
        // §10.4: "Implementations that have implementation- and/or platform-specific limitations regarding the frame
        // size or total message size after reassembly from multiple frames MUST protect themselves against exceeding
        // those limits." The difference cannot overflow, as a sum could.
        int most = isCompressed || header.isCompressed() ? mostCompressedBytes : messageBytes;
        if (header.length() > most - declaredBytes) {
            return new CloseStatus(
                    CloseCode.TOO_LARGE,
                    "a frame of " + header.length() + " bytes after " + declaredBytes + " exceeds the limit of " + most
                            + " bytes a message");
        }
        if (fragments == mostFragments) {
            return new CloseStatus(
                    CloseCode.TOO_LARGE, "a message of more than " + mostFragments + " fragments exceeds the limit");
        }
        if (!isBegun) {
            isBegun = true;
            isText = header.opcode() == Opcode.TEXT;
            isCompressed = header.isCompressed();
            isUtf8 = isText && !isCompressed;
        }
        fragments++;
        progress++;
        declaredBytes += (int) header.length();
        return null;
    }

    /** Judges unmasked payload as it arrives, however it is cut; returns why it is refused, or null. */
    @Nullable CloseStatus handlePayload(ByteBuf bytes, int index, int length) {
        if (isUtf8) {
            CloseStatus broken = validate(bytes, index, length);
            if (broken != null) {
                return broken;
            }
        }
        arrivedBytes += length;
        progress += length;
        return null;
    }

    private @Nullable CloseStatus validate(ByteBuf bytes, int index, int length) {
        // §8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in
        // fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
        int impossible = utf8.validate(bytes, index, length);
        return impossible < 0
                ? null
                : new CloseStatus(
                        CloseCode.INVALID_PAYLOAD,
                        "the text is not UTF-8: byte " + FrameHeader.hex(bytes.getByte(impossible) & 0xFF)
                                + " cannot stand at offset " + (arrivedBytes + impossible - index));
    }

    /** Judges the whole of a compressed message once it is inflated; returns why it is refused, or null. */
    @Nullable CloseStatus handleInflated(ByteBuf message) {
        arrivedBytes = 0;
        CloseStatus broken = isText ? validate(message, message.readerIndex(), message.readableBytes()) : null;
        arrivedBytes = message.readableBytes();
        return broken != null ? broken : handleEnd();
    }

    /** Judges the end of the last frame; returns why the message is refused, or null. */
    @Nullable CloseStatus handleEnd() {
        // §5.6: "a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST
        // contain
        // valid UTF-8."
        if (isText && !utf8.isBetweenCharacters()) {
            return new CloseStatus(
                    CloseCode.INVALID_PAYLOAD,
                    "the text is not UTF-8: it ends within a character, after " + arrivedBytes + " bytes");
        }
        return null;
    }

    /**
     * Judges a message that is one frame, within the limits and all of it there, when none has begun: what {@link #handleHeader},
     * {@link #handlePayload} and {@link #handleEnd} say of it, at once. Returns why it is refused, or null.
     */
    @Nullable CloseStatus handleWhole(boolean text, ByteBuf bytes, int index, int length) {
        progress += 1 + length;
        if (!text) {
            isText = false;
            return null;
        }
        CloseStatus broken = validate(bytes, index, length);
        isText = true;
        arrivedBytes = length;
        broken = broken == null ? handleEnd() : broken;
        arrivedBytes = 0;
        return broken;
    }

    /** Forgets this message, whose end was judged: the next data frame must begin another. */
    void reset() {
        isBegun = false;
        isText = false;
        isCompressed = false;
        isUtf8 = false;
        fragments = 0;
        declaredBytes = 0;
        arrivedBytes = 0;
    }

    long progress() {
        return progress;
    }

    boolean isBegun() {
        return isBegun;
    }

    boolean isCompressed() {
        return isCompressed;
    }

    boolean isText() {
        return isText;
    }
}
