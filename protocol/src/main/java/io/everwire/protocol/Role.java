package io.everwire.protocol;

/** Which of the two endpoints of a connection we are (RFC 6455 §1.2). */
public enum Role {
    /** We dialed: our frames are masked, the peer's are not. */
    CLIENT,
    /** We were dialed: the peer's frames are masked, ours are not. */
    SERVER
}
