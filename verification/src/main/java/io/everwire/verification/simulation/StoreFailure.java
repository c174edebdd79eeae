package io.everwire.verification.simulation;

import java.io.IOException;

/** What a store answers that failed, or whose answer was lost. */
final class StoreFailure extends IOException {
    private static final long serialVersionUID = 1;

    StoreFailure() {
        super("the store did not answer");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
