package io.everwire;

/**
 * Where a session stands. A client's session moves {@code IDLE → CONNECTING → READYING → OPEN → WAITING → CONNECTING …} and
 * ends in {@code CLOSED}; a server's session is {@code OPEN}, then {@code CLOSED}.
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
    /** The end. Nothing leaves this state; every send has settled or is settling. */
    CLOSED
}
