package io.everwire;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a server sends clients away that come all at once, and how it spreads their return. Who is sent away is given a time of his
 * own, so that a crowd comes back one after the other, as fast as the server can take it.
 *
 * @param handshakesPerSecond the most opening handshakes a second, as a token bucket that starts full and holds as many; 0, the
 *     default, for no limit but what the server is seen to manage; at most 1,000,000
 * @param lag no newcomers are let in while event loops are this late with the connections that they have, for half a second or longer;
 *     null for never; from 50 ms to 60 s, default 500 ms
 * @param patience no newcomers are let in while requests have lain unread for this long, for half a second or longer, and those behind
 *     them would wait for more than twice as long: it should be less than half of what clients wait for an answer; null for never; from
 *     50 ms to 60 s, default 2 s; measured on native epoll only
 * @param horizon the latest time to come back that a client is given; from 1 s to an hour, default 60 s
 */
public record StormPolicy(
        int handshakesPerSecond,
        @Nullable Duration lag,
        @Nullable Duration patience,
        Duration horizon) {
    /** As many as the server manages without being late. */
    public static final StormPolicy DEFAULT =
            new StormPolicy(0, Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(60));

    /** Nobody is sent away, however many come and however late the server is. */
    public static final StormPolicy NONE = new StormPolicy(0, null, null, Duration.ofSeconds(60));

    private static final int MOST_PER_SECOND = 1_000_000;

    /**
     * Checks the policy.
     *
     * @throws IllegalArgumentException when a component is outside its limits
     */
    public StormPolicy {
        if (handshakesPerSecond < 0 || handshakesPerSecond > MOST_PER_SECOND) {
            throw new IllegalArgumentException("handshakesPerSecond is " + handshakesPerSecond
                    + "; it must be 1 to 1000000, or 0 for as many as the server manages");
        }
        requireBetween("lag", lag, Duration.ofMillis(50), Duration.ofSeconds(60));
        requireBetween("patience", patience, Duration.ofMillis(50), Duration.ofSeconds(60));
        requireBetween("horizon", horizon, Duration.ofSeconds(1), Duration.ofHours(1));
    }

    private static void requireBetween(String name, @Nullable Duration value, Duration least, Duration most) {
        if (value != null && (value.compareTo(least) < 0 || value.compareTo(most) > 0)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + least + " to " + most);
        }
    }

    /** Returns a copy that lets in at most so many a second, 0 for as many as the server manages. */
    public StormPolicy withHandshakesPerSecond(int most) {
        return new StormPolicy(most, lag, patience, horizon);
    }

    /** Returns a copy with other bounds of lateness, null for none. */
    public StormPolicy withLateness(@Nullable Duration mostLag, @Nullable Duration mostPatience) {
        return new StormPolicy(handshakesPerSecond, mostLag, mostPatience, horizon);
    }

    /** Returns a copy that tells nobody to come back later than this. */
    public StormPolicy withHorizon(Duration most) {
        return new StormPolicy(handshakesPerSecond, lag, patience, most);
    }
}
