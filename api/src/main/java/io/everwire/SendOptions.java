package io.everwire;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What may happen to a message while it waits in the outbound queue.
 *
 * @param timeToLive after this long in the queue the send ends {@code NOT_SENT}; null (the default) for no limit
 * @param key a newer message with the same key replaces this one while it is queued, and takes its place in the order; null
 *     (the default) for none
 */
public record SendOptions(
        @Nullable Duration timeToLive, @Nullable String key) {
    /** No time to live, no key. */
    public static final SendOptions DEFAULT = new SendOptions(null, null);

    /**
     * Checks the time to live.
     *
     * @throws IllegalArgumentException when the time to live is zero or negative
     */
    public SendOptions {
        if (timeToLive != null && (timeToLive.isZero() || timeToLive.isNegative())) {
            throw new IllegalArgumentException(
                    "timeToLive is " + timeToLive + "; it must be longer than zero, or null");
        }
    }

    /** Returns a copy with a time to live. */
    public SendOptions withTimeToLive(Duration limit) {
        return new SendOptions(limit, key);
    }

    /** Returns a copy with a conflation key. */
    public SendOptions withKey(String conflationKey) {
        return new SendOptions(timeToLive, conflationKey);
    }
}
