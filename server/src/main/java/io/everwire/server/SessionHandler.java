package io.everwire.server;

import io.everwire.Session;

/** Handles a session in the blocking style, on a thread of its own; when it returns, the session is closed with 1000. */
@FunctionalInterface
public interface SessionHandler {
    /**
     * Handles one session from its beginning to its end.
     *
     * @param session read it with {@code receive} or {@code for (Message message : session)}
     * @throws Exception is reported, and the session is closed with 1011
     */
    void handle(Session session) throws Exception;
}
