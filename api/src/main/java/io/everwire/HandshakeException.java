package io.everwire;

/**
 * The opening handshake failed, and the session does not try again.
 *
 * <p><b>Retryable?</b> After what its message names has been mended. <b>May messages be lost?</b> No: none was sent.
 */
public final class HandshakeException extends EverwireException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence. */
    public HandshakeException(String message) {
        super(message);
    }

    /** Makes the exception with its sentence and its cause. */
    public HandshakeException(String message, Throwable cause) {
        super(message, cause);
    }
}
