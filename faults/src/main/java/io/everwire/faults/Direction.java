package io.everwire.faults;

/** The way bytes go through a {@link Link}. */
public enum Direction {
    /** Upstream: from the client to the server. */
    UP,
    /** Downstream: from the server to the client. */
    DOWN;

    /** The other way. */
    public Direction opposite() {
        return this == UP ? DOWN : UP;
    }
}
