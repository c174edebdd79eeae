package io.everwire.protocol;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The validator of text that arrives in pieces: it refuses the first byte that no valid UTF-8 can have there (RFC 3629
 * §4), whatever follows, and keeps only the state between two bytes.
 */
final class Utf8Validator {
    private static final long NON_ASCII = 0x8080_8080_8080_8080L;
    private static final int UNROLLED_BYTES = 4 * Long.BYTES;
    private static final int LEAST_TAIL = 0x80;
    private static final int MOST_TAIL = 0xBF;
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** How many bytes the current sequence still lacks; 0 between characters. */
    private int missing;
    /** The range of the next byte while some are missing. */
    private int least;

    private int most;

    /**
     * Validates the next {@code length} bytes of the text.
     *
     * @return the index in {@code bytes} of the first impossible byte, or −1 when there is none
     */
    int validate(ByteBuf bytes, int index, int length) {
        if (length >= Masker.VIEW_BYTES && bytes.nioBufferCount() == 1) {
            ByteBuffer view = bytes.internalNioBuffer(index, length);
            int from = view.position();
            int impossible = validate(view, from, from + length);
            return impossible < 0 ? impossible : index + impossible - from;
        }
        int end = index + length;
        int at = index;
        while (at < end) {
            if (missing == 0) {
                while (end - at >= Long.BYTES && (bytes.getLong(at) & NON_ASCII) == 0) {
                    at += Long.BYTES;
                }
                if (at == end) {
                    return -1;
                }
            }
            if (!accept(bytes.getByte(at) & 0xFF)) {
                return at;
            }
            at++;
        }
        return -1;
    }

    private int validate(ByteBuffer bytes, int index, int end) {
        int at = index;
        while (at < end) {
            if (missing == 0) {
                while (end - at >= UNROLLED_BYTES && isAscii(bytes, at)) {
                    at += UNROLLED_BYTES;
                }
                while (end - at >= Long.BYTES && ((long) LONGS.get(bytes, at) & NON_ASCII) == 0) {
                    at += Long.BYTES;
                }
                if (at == end) {
                    return -1;
                }
            }
            if (!accept(bytes.get(at) & 0xFF)) {
                return at;
            }
            at++;
        }
        return -1;
    }

    /** Tells whether the next four times eight bytes are ASCII. */
    private static boolean isAscii(ByteBuffer bytes, int at) {
        long joined = (long) LONGS.get(bytes, at)
                | (long) LONGS.get(bytes, at + Long.BYTES)
                | (long) LONGS.get(bytes, at + 2 * Long.BYTES)
                | (long) LONGS.get(bytes, at + 3 * Long.BYTES);
        return (joined & NON_ASCII) == 0;
    }

    private boolean accept(int next) {
        if (missing == 0) {
            return next < LEAST_TAIL || acceptLead(next);
        }
        if (next < least || next > most) {
            return false;
        }
        missing--;
        least = LEAST_TAIL;
        most = MOST_TAIL;
        return true;
    }

    /** The table of RFC 3629 §4; the narrow ranges shut out overlong forms, surrogates and what lies above U+10FFFF. */
    private boolean acceptLead(int lead) {
        least = LEAST_TAIL;
        most = MOST_TAIL;
        if (lead < 0xC2 || lead > 0xF4) {
            return false;
        }
        if (lead < 0xE0) {
            missing = 1;
        } else if (lead < 0xF0) {
            missing = 2;
            if (lead == 0xE0) {
                least = 0xA0;
            } else if (lead == 0xED) {
                most = 0x9F;
            }
        } else {
            missing = 3;
            if (lead == 0xF0) {
                least = 0x90;
            } else if (lead == 0xF4) {
                most = 0x8F;
            }
        }
        return true;
    }

    /** Tells whether the text so far ends between two characters. */
    boolean isBetweenCharacters() {
        return missing == 0;
    }
}
