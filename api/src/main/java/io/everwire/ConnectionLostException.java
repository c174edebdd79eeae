package io.everwire;

/**
 * A connection ended without a closing handshake.
 *
 * <p><b>Retryable?</b> Yes; a client's session does it by itself. <b>May messages be lost?</b> Those whose delivery is UNKNOWN.
 */
public final class ConnectionLostException extends EverwireException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence. */
    public ConnectionLostException(String message) {
        super(message);
    }

    /** Makes the exception with its sentence and its cause. */
    public ConnectionLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
