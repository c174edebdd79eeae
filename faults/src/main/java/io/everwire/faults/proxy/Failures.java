package io.everwire.faults.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;

/** Turns what an event loop failed with into sentences. */
final class Failures {

    private Failures() {}

    /** The exception to throw after failing to listen on the given address. */
    static RuntimeException cannotListen(InetSocketAddress address, Throwable failure) {
        String where = "port %d on %s"
                .formatted(address.getPort(), address.getAddress().getHostAddress());
        if (failure instanceof BindException cause) {
            return new UncheckedIOException(sentence(where, cause), cause);
        }
        if (failure instanceof IOException cause) {
            return new UncheckedIOException("cannot listen on %s: %s".formatted(where, cause.getMessage()), cause);
        }
        return new IllegalStateException("cannot listen on " + where, failure);
    }

    /** The JDK has one exception for a port that is taken, one that is forbidden, and an address of somebody else. */
    private static String sentence(String where, BindException cause) {
        String reason = String.valueOf(cause.getMessage());
        return reason.contains("in use")
                ? where + " is taken; choose another one, or 0 for any that is free"
                : "cannot listen on %s: %s".formatted(where, reason);
    }
}
