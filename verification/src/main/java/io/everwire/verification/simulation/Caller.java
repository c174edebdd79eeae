package io.everwire.verification.simulation;

/** Who has dialed a connection and reads what comes down on it. */
interface Caller {
    /** Bytes have arrived. */
    void receive(Link link);

    /** There is room for bytes again. */
    void handleWritable();

    /** The connection has ended under the caller, with this close code. */
    void handleGone(Link link, int code);
}
