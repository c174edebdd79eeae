package io.everwire;

/**
 * A server or a proxy could not start, for example because its port is taken; or TLS cannot be set up with the certificates and keys
 * that were given.
 *
 * <p><b>Retryable?</b> After what its message names has been mended. <b>May messages be lost?</b> No.
 */
public final class StartException extends EverwireException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence. */
    public StartException(String message) {
        super(message);
    }

    /** Makes the exception with its sentence and its cause. */
    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
