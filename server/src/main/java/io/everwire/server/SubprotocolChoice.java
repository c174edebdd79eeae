package io.everwire.server;

import io.everwire.Handshake;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses a session's subprotocol (RFC 6455 §1.9). */
@FunctionalInterface
public interface SubprotocolChoice {
    /**
     * Chooses among what a client offers. Must not block. A choice that throws, or that was not offered, is answered with 500.
     *
     * @param offered the client's preferred one first; empty when it offers none
     * @param handshake what was asked, with the principal that was let in by an authenticator that is done already
     * @return one of those offered, or null for a session without a subprotocol
     */
    @Nullable String choose(List<String> offered, Handshake handshake);
}
