package io.everwire;

/**
 * Where a session stands. A client's session moves {@code IDLE → CONNECTING → READYING → OPEN → WAITING → CONNECTING …} and
 * ends, by way of {@code CLOSING} when a connection is up, in {@code CLOSED}. A server's session begins {@code READYING}
 * and is {@code SUSPENDED} while it is kept without a connection.
 */
public enum SessionState {
    /** Made, not started. */
    IDLE,
    /** An attempt is under way: credentials, DNS, TCP, upgrade. Queued messages wait. */
    CONNECTING,
    /** The connection is up and {@code onReady} runs. Queued messages wait. */
    READYING,
    /** Messages flow. */
    OPEN,
    /** The connection is lost and the next attempt has its time. Queued messages wait. */
    WAITING,
    /** A server's session whose connection is lost and whose client may come back. What is sent waits. */
    SUSPENDED,
    /** The application closed the session; what was queued is written and the closing handshake has one deadline. */
    CLOSING,
    /** The end. Nothing leaves this state; every send has settled or is settling. */
    CLOSED
}
