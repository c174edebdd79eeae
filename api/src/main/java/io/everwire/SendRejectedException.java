package io.everwire;

/**
 * A message was not taken within the time-out, because the outbound queue stayed full.
 *
 * <p><b>Retryable?</b> Yes, when there is room. <b>May messages be lost?</b> No: the message was not taken.
 */
public final class SendRejectedException extends EverwireException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence. */
    public SendRejectedException(String message) {
        super(message);
    }

    /** Makes the exception with its sentence and its cause. */
    public SendRejectedException(String message, Throwable cause) {
        super(message, cause);
    }
}
