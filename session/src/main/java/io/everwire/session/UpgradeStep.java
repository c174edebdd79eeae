package io.everwire.session;

/** How far an upgrade is; it only moves down this list, all within the attempt's one deadline. */
public enum UpgradeStep {
    /** A proxy was asked for a tunnel. */
    TUNNEL,
    /** The TLS handshake is under way. */
    TLS,
    /** The request of the opening handshake is out, or about to be. */
    REQUEST
}
