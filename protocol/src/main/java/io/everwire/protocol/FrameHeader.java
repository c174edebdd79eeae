package io.everwire.protocol;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.netty.buffer.ByteBuf;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The header of the frame that is arriving (RFC 6455 §5.2), read byte by byte as the bytes come.
 *
 * <p>It obeys every rule that one header can break alone, at the first byte that breaks it. Nothing is kept but numbers,
 * so a peer that sends headers and no payload costs no buffer.
 */
final class FrameHeader {
    /** RFC 6455 §5.2: two bytes, eight of extended payload length, four of masking key. */
    static final int MAX_BYTES = 14;

    static final int MAX_CONTROL_PAYLOAD = 125;
    static final int LENGTH_IN_2_BYTES = 126;
    static final int LENGTH_IN_8_BYTES = 127;
    static final int FIN = 0x80;
    static final int MASK = 0x80;
    /** RFC 7692 §6: the first reserved bit of a message's first frame says that the message is compressed. */
    static final int COMPRESSED = 0x40;

    static final int START_BYTES = 2;
    static final int KEY_BYTES = 4;

    private static final int RESERVED_BITS = 0x70;

    private final boolean mustBeMasked;
    private final boolean mayBeCompressed;
    private int bytesRead;
    private int size = START_BYTES;
    private int lengthEnd = START_BYTES;
    private boolean isLast;
    private boolean isCompressed;
    private int opcode;
    private long length;
    private int maskingKey;
    private @Nullable CloseStatus failure;

    FrameHeader(Role receiver, boolean mayBeCompressed) {
        mustBeMasked = receiver == Role.SERVER;
        this.mayBeCompressed = mayBeCompressed;
    }

    /** Reads from {@code index} until the header is complete, broken, or {@code end} is reached; returns where it stopped. */
    int read(ByteBuf bytes, int index, int end) {
        int at = index;
        while (at < end && bytesRead < size && failure == null) {
            if (bytesRead == lengthEnd && end - at >= KEY_BYTES) {
                maskingKey = bytes.getInt(at);
                at += KEY_BYTES;
                bytesRead = size;
            } else {
                handleByte(bytes.getByte(at) & 0xFF);
                at++;
            }
        }
        return at;
    }

    private void handleByte(int next) {
        int position = bytesRead++;
        if (position == 0) {
            handleFirst(next);
        } else if (position == 1) {
            handleSecond(next);
        } else if (position < lengthEnd) {
            length = length << 8 | next;
            if (bytesRead == lengthEnd) {
                handleExtendedLength();
            }
        } else {
            maskingKey = maskingKey << 8 | next;
        }
    }

    private void handleFirst(int first) {
        isLast = (first & FIN) != 0;
        opcode = first & 0x0F;
        isCompressed = false;
        if ((first & RESERVED_BITS) != 0 && !handleReserved(first & RESERVED_BITS)) {
            return;
        }
        // §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
        if (!Opcode.isDefined(opcode)) {
            fail("opcode " + hex(opcode) + " is reserved; defined are 0x0 to 0x2 and 0x8 to 0xA");
            return;
        }
        // §5.4: "Control frames themselves MUST NOT be fragmented."
        if (isControl() && !isLast) {
            fail("a control frame of opcode " + hex(opcode) + " is fragmented; control frames must be whole");
        }
    }

    /** Returns whether the reserved bits are legal here. */
    private boolean handleReserved(int bits) {
        // §5.2: "If a nonzero value is received and none of the negotiated extensions defines the meaning of such a
        // nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_."
        if (!mayBeCompressed || bits != COMPRESSED) {
            fail("the reserved bits are " + hex(bits)
                    + (mayBeCompressed
                            ? "; only 0x40 has a meaning, a compressed message"
                            : "; they must be 0, no extension is negotiated"));
            return false;
        }
        // RFC 7692 §6.1: "An endpoint MUST NOT set the "Per-Message Compressed" bit of control frames and non-first
        // fragments of a data message. An endpoint receiving such a frame MUST _Fail the WebSocket Connection_."
        if (opcode != Opcode.TEXT && opcode != Opcode.BINARY) {
            fail("a frame of opcode " + hex(opcode)
                    + " is marked as compressed; only the first frame of a message may be");
            return false;
        }
        isCompressed = true;
        return true;
    }

    private void handleSecond(int second) {
        boolean isMasked = (second & MASK) != 0;
        int shortLength = second & 0x7F;
        // §5.1: "The server MUST close the connection upon receiving a frame that is not masked."
        if (mustBeMasked && !isMasked) {
            fail("a frame from a client is not masked; a client must mask every frame");
            return;
        }
        // §5.1: "A client MUST close a connection if it detects a masked frame."
        if (!mustBeMasked && isMasked) {
            fail("a frame from a server is masked; a server must not mask");
            return;
        }
        // §5.5: "All control frames MUST have a payload length of 125 bytes or less".
        if (isControl() && shortLength > MAX_CONTROL_PAYLOAD) {
            fail("a control frame of opcode " + hex(opcode) + " is longer than " + MAX_CONTROL_PAYLOAD + " bytes");
            return;
        }
        int extended = 0;
        if (shortLength == LENGTH_IN_2_BYTES) {
            extended = Short.BYTES;
        } else if (shortLength == LENGTH_IN_8_BYTES) {
            extended = Long.BYTES;
        }
        length = extended == 0 ? shortLength : 0;
        lengthEnd = START_BYTES + extended;
        size = lengthEnd + (isMasked ? KEY_BYTES : 0);
    }

    private void handleExtendedLength() {
        int bytes = lengthEnd - START_BYTES;
        // §5.2: "a 64-bit unsigned integer (the most significant bit MUST be 0)".
        if (length < 0) {
            fail("payload length " + Long.toUnsignedString(length) + " has its most significant bit set; it must be 0");
            return;
        }
        // §5.2: "in all cases, the minimal number of bytes MUST be used to encode the length".
        long least = bytes == Long.BYTES ? 1L << Short.SIZE : LENGTH_IN_2_BYTES;
        if (length < least) {
            fail("payload length " + length + " is encoded in " + bytes + " bytes; the fewest must be used");
        }
    }

    private void fail(String reason) {
        failure = new CloseStatus(CloseCode.PROTOCOL_ERROR, reason);
    }

    static String hex(int value) {
        return "0x" + Integer.toHexString(value).toUpperCase(Locale.ROOT);
    }

    /** Forgets this frame: the next byte is the first of the next one. */
    void reset() {
        bytesRead = 0;
        size = START_BYTES;
        lengthEnd = START_BYTES;
        maskingKey = 0;
    }

    /** Returns why the header is broken, or null. */
    @Nullable CloseStatus failure() {
        return failure;
    }

    boolean isBegun() {
        return bytesRead > 0;
    }

    boolean isComplete() {
        return bytesRead == size;
    }

    boolean isLast() {
        return isLast;
    }

    /** Tells whether this frame begins a compressed message. */
    boolean isCompressed() {
        return isCompressed;
    }

    boolean isControl() {
        return Opcode.isControl(opcode);
    }

    int opcode() {
        return opcode;
    }

    /** Returns the payload length that the header declares, 0 to 2^63 − 1 bytes. */
    long length() {
        return length;
    }

    /** Returns the masking key, its first byte the most significant; 0 when the frame is not masked. */
    int maskingKey() {
        return maskingKey;
    }
}
