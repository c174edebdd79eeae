package io.everwire;

/**
 * The session is closed, so the operation cannot be done.
 *
 * <p><b>Retryable?</b> With a new session. <b>May messages be lost?</b> No: the message was not taken.
 */
public final class SessionClosedException extends EverwireException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence. */
    public SessionClosedException(String message) {
        super(message);
    }

    /** Makes the exception with its sentence and its cause. */
    public SessionClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}
