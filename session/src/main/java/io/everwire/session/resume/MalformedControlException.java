package io.everwire.session.resume;

/** A control message that breaks the grammar of {@code everwire.v1}: the connection is closed with 4400. */
public final class MalformedControlException extends Exception {
    /** The longest message, in characters. */
    public static final int LONGEST = 200;

    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence, which quotes no secret and is cut at {@link #LONGEST} characters. */
    public MalformedControlException(String message) {
        super(message.length() <= LONGEST ? message : message.substring(0, LONGEST));
    }
}
