package io.everwire.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What a client is to make of the response to its request for an upgrade.
 *
 * @param failure why the connection must be failed, a sentence of printable ASCII that says what was seen and what to do;
 *     null when the connection is open
 * @param subprotocol the subprotocol that the server selected; null for none
 * @param extension the extension that the server accepted, with its parameters; null for none
 */
public record ClientVerdict(
        @Nullable String failure,
        @Nullable String subprotocol,
        @Nullable String extension) {
    /** Tells whether the connection is open: frames follow the response. */
    public boolean isOpen() {
        return failure == null;
    }

    static ClientVerdict open(@Nullable String subprotocol, @Nullable String extension) {
        return new ClientVerdict(null, subprotocol, extension);
    }

    static ClientVerdict failed(String failure) {
        return new ClientVerdict(failure, null, null);
    }
}
