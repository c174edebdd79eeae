package io.everwire.session.resume;

/**
 * What a text message of a session's connection is, told by its first two bytes. Binary messages are always DATA, verbatim.
 *
 * <p>U+0000 is the byte 0 in UTF-8, and no other character has that byte in it.
 */
public final class TextFraming {
    /** The byte that begins a control message, and that is put before a DATA text which begins with it. */
    public static final byte ESCAPE = 0;

    private TextFraming() {}

    /** What a text message is. */
    public enum Kind {
        /** An application's message, verbatim. */
        DATA,
        /** An application's message, once its first byte is taken away. */
        ESCAPED,
        /** For {@link ControlCodec#parse}, which refuses one that is U+0000 alone. */
        CONTROL
    }

    /**
     * Classifies a text message.
     *
     * @param length the size of its payload in bytes
     * @param first its first byte; anything when there is none
     * @param second its second byte; anything when there is none
     */
    public static Kind kindOf(int length, byte first, byte second) {
        if (length == 0 || first != ESCAPE) {
            return Kind.DATA;
        }
        return length > 1 && second == ESCAPE ? Kind.ESCAPED : Kind.CONTROL;
    }

    /** Tells whether a text that is not empty needs one more U+0000 before it, by its first byte. */
    public static boolean needsEscape(byte first) {
        return first == ESCAPE;
    }
}
