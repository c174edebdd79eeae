package io.everwire.session.resume;

/** Where the server's end of a session stands. */
public enum ServerState {
    /** A connection carries the session. */
    ATTACHED,
    /** The session waits for its client. */
    SUSPENDED,
    /** The store is asked to end the session. A claim that was stored before the end makes the end void. */
    ENDING,
    /** The store does not take our writes: somebody has claimed the session, for us or for another owner. */
    DISPUTED,
    /** Ended, or claimed by another owner. */
    OVER;

    boolean mayBecome(ServerState next) {
        return this != OVER && next != this;
    }
}
