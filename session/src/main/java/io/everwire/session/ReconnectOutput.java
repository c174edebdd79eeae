package io.everwire.session;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.RequestSupplier;
import io.everwire.SessionEvent;

/** What the driver of {@link Reconnect} has to do or to tell, in this order. */
public sealed interface ReconnectOutput {
    /** Call the supplier; answer with {@link Reconnect#handleRequest} or {@link Reconnect#handleRequestFailed}. */
    record Request(RequestSupplier.Attempt attempt) implements ReconnectOutput {}

    /**
     * Connect by TCP; answer with {@link Reconnect#handleProbeConnected} or {@link Reconnect#handleProbeFailed}.
     *
     * @param probe the probe's number, never used again
     * @param rotation how many addresses to skip: an overloaded server asked us to try another one
     */
    record Probe(long probe, int rotation) implements ReconnectOutput {}

    /** Close this probe, whatever it is doing; it needs no answer. */
    record Cancel(long probe) implements ReconnectOutput {}

    /** Upgrade this connected probe; answer with {@link Reconnect#handleUpgraded}, {@link Reconnect#handleRedirected} or {@link Reconnect#handleUpgradeFailed}. */
    record Upgrade(long probe) implements ReconnectOutput {}

    /** Run {@code onReady}; answer with {@link Reconnect#handleReady} or {@link Reconnect#handleReadyFailed}. */
    record Prepare(int epoch) implements ReconnectOutput {}

    /** Let queued messages flow. */
    record OpenQueue(int epoch) implements ReconnectOutput {}

    /** Abort the connection; answer with {@link Reconnect#handleLost}, which is heard unless the session has ended. */
    record Drop(int epoch, Failure failure) implements ReconnectOutput {}

    /** Close the connection with a closing handshake; answer with {@link Reconnect#handleLost}. */
    record CloseConnection(int epoch, CloseStatus status) implements ReconnectOutput {}

    /** Tell the application. */
    record Tell(SessionEvent event) implements ReconnectOutput {}
}
