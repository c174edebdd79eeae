package io.everwire;

/** How a failure is met: each class has its own delay and its own counter. */
public enum RetryClass {
    /** The network is gone: proportional probing, because the first packet after its return is what counts. */
    NETWORK,
    /**
     * The server refuses, resets or fails: full jitter, growing to 30 s. While nobody listens at its port at all: a quarter of the outage's
     * age, 250 ms to 20 s, ±50 %.
     */
    BUSY,
    /** Hopeless at first sight, but it worked before (a captive portal, a bad deploy): full jitter from 5 s. */
    SLOW,
    /** Credentials were refused: once more with fresh ones, then the end. */
    REAUTHENTICATE,
    /** Hopeless: the session closes. */
    TERMINAL
}
