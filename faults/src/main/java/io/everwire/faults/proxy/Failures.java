package io.everwire.faults.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Turns what an event loop failed with into sentences. */
final class Failures {

    private Failures() {}

    /** Throws if there is a failure to listen on the given address. */
    static void rethrow(@Nullable Throwable failure, InetSocketAddress address) {
        if (failure == null) {
            return;
        }
        String where = "port %d on %s".formatted(address.getPort(), address.getHostString());
        if (failure instanceof BindException) {
            throw new UncheckedIOException(
                    where + " is taken; choose another one, or 0 for any that is free", (BindException) failure);
        }
        if (failure instanceof IOException cause) {
            throw new UncheckedIOException("cannot listen on %s: %s".formatted(where, cause.getMessage()), cause);
        }
        throw new IllegalStateException("cannot listen on " + where, failure);
    }
}
