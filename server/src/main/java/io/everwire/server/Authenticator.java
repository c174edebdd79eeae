package io.everwire.server;

import io.everwire.Handshake;
import java.util.concurrent.CompletionStage;

/** Decides who may enter a server, before a session exists: no listener hears of a client that was not let in. */
@FunctionalInterface
public interface Authenticator {
    /**
     * Judges a request for a path that is served, from an allowed origin. Runs on the event loop and must not block; the stage may
     * complete later and on any thread. Meanwhile the client's first messages wait.
     *
     * <p>The stage is cancelled when the client leaves, or when the handshake's time-out is over, which is answered with 503. A stage
     * that fails, like a call that throws, is answered with 500; the log is told the exception's class and not its message.
     *
     * @param handshake its {@code principal} is the subject of a verified client certificate, if there is one
     */
    CompletionStage<Authentication> authenticate(Handshake handshake);
}
