package io.everwire;

/**
 * The root of Everwire's exceptions: {@link HandshakeException}, {@link ConnectionLostException}, {@link SessionClosedException}, {@link SendRejectedException} and {@link StartException}.
 *
 * <p><b>Retryable?</b> See each. <b>May messages be lost?</b> See each.
 */
public class EverwireException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence. */
    public EverwireException(String message) {
        super(message);
    }

    /** Makes the exception with its sentence and its cause. */
    public EverwireException(String message, Throwable cause) {
        super(message, cause);
    }
}
