package io.everwire;

/** When liveness pings are sent. */
public enum PingWhen {
    /** Only when nothing was received for the ping interval, and once per validity period. The library's default. */
    SILENT,
    /**
     * Every ping interval, traffic or not: for peers that count pings and hang up on a server that sends none while data
     * flows.
     */
    ALWAYS
}
