package io.everwire;

import java.time.Duration;

/**
 * How the delay before the next attempt grows. All but the fixed one are jittered, always.
 *
 * @param kind the rule
 * @param delay the delay of {@link Kind#FIXED}, zero otherwise
 */
public record Backoff(Kind kind, Duration delay) {
    /**
     * By class of failure: proportional probing when the network is gone, full jitter when the server is busy, and between them when
     * nobody listens at its port.
     */
    public static final Backoff AUTO = new Backoff(Kind.AUTO, Duration.ZERO);

    /** Full jitter for every class: polite to the servers of a large fleet, slower after an outage. */
    public static final Backoff FLEET = new Backoff(Kind.FLEET, Duration.ZERO);

    /** The rules there are. */
    public enum Kind {
        /** See {@link Backoff#AUTO}. */
        AUTO,
        /** See {@link Backoff#FLEET}. */
        FLEET,
        /** See {@link Backoff#fixed(Duration)}. */
        FIXED
    }

    /**
     * Checks the delay.
     *
     * @throws IllegalArgumentException when a fixed delay is shorter than 50 ms
     */
    public Backoff {
        if (kind == Kind.FIXED && delay.toMillis() < 50) {
            throw new IllegalArgumentException("the fixed delay is " + delay + "; the shortest is 50 ms");
        }
    }

    /**
     * The same delay before every attempt, without jitter, as in the article (5 s). Many clients with a fixed delay return
     * together; prefer {@link #AUTO}.
     *
     * @param delay at least 50 ms
     */
    public static Backoff fixed(Duration delay) {
        return new Backoff(Kind.FIXED, delay);
    }
}
