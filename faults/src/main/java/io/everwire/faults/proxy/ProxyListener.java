package io.everwire.faults.proxy;

import io.everwire.faults.Fault;

/**
 * Is told what changes in a {@link FaultProxy}. Every method is called on the proxy's event loop, one at a time, and
 * must not block. What it throws goes to the thread's uncaught exception handler and disturbs nothing else.
 */
public interface ProxyListener {

    /**
     * A fault was applied, or all were healed. Open connections feel it already.
     *
     * @param fault the fault, or {@link io.everwire.faults.Heal}
     * @param state the state with it
     */
    default void onFault(Fault fault, ProxyState state) {}

    /**
     * A client's connection was accepted.
     *
     * @param state the state with it
     */
    default void onConnectionOpened(ProxyState state) {}

    /**
     * A connection is gone on both sides.
     *
     * @param state the state without it
     */
    default void onConnectionClosed(ProxyState state) {}
}
