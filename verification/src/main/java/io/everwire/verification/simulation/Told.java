package io.everwire.verification.simulation;

/** What an application is told about its session. */
enum Told {
    OPEN,
    SUSPENDED,
    RESUMED,
    /** The session ended without its asking; with the account. */
    LOST,
    /** The peer said bye. */
    ENDED,
    /** It closed the session itself. */
    CLOSED
}
