package io.everwire.store.file;

import io.everwire.EverwireException;

/**
 * The store could not write or read its files, has too much to write, or is closed.
 *
 * <p><b>Retryable?</b> Yes, unless the store is closed: every write may be repeated as it was. <b>May messages be lost?</b> No: what was
 * reported as done is still there.
 */
public final class StoreException extends EverwireException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence. */
    public StoreException(String message) {
        super(message);
    }

    /** Makes the exception with its sentence and its cause. */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
