package io.everwire.cli;

import io.everwire.Backoff;
import io.everwire.LivenessPolicy;
import io.everwire.ReconnectPolicy;
import java.time.Duration;

/**
 * How both ends of the story behave.
 *
 * @param name for a person
 * @param server how the server judges the client
 * @param client how the client judges the server
 * @param reconnect how the client comes back
 */
record StoryProfile(String name, LivenessPolicy server, LivenessPolicy client, ReconnectPolicy reconnect) {
    private static final LivenessPolicy BOTH_PING = LivenessPolicy.DEFAULT
            .withPing(Duration.ofSeconds(5), Duration.ofSeconds(2))
            .withPingJitter(0);

    /** Both ends ping after 5 s of silence and wait 2 s. */
    static final StoryProfile DEFAULT = new StoryProfile(
            "both ends ping after 5 s of silence and wait 2 s for life", BOTH_PING, BOTH_PING, ReconnectPolicy.DEFAULT);

    /** The article's: only the server pings, the client watches, and comes back at a fixed pace. */
    static final StoryProfile ARTICLE = new StoryProfile(
            "the server pings every 5 s and waits 2 s; the client expects traffic within 10 s and retries every 5 s",
            LivenessPolicy.ARTICLE_SERVER,
            LivenessPolicy.ARTICLE_CLIENT,
            ReconnectPolicy.DEFAULT
                    .withBackoff(Backoff.fixed(Duration.ofSeconds(5)))
                    .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10)));

    /** How long the client may take to come back before the story gives it up. */
    Duration patience(Duration outage) {
        return outage.plusSeconds(30);
    }
}
