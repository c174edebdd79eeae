package io.everwire.cli;

import io.everwire.Backoff;
import io.everwire.LivenessPolicy;
import io.everwire.ReconnectPolicy;
import io.everwire.ResumePolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How both ends of the story behave.
 *
 * @param name for a person
 * @param server how the server judges the client
 * @param client how the client judges the server
 * @param reconnect how the client comes back
 * @param resume how both keep the session over the outage, null when they do not
 */
record StoryProfile(
        String name,
        LivenessPolicy server,
        LivenessPolicy client,
        ReconnectPolicy reconnect,
        @Nullable ResumePolicy resume) {
    private static final long MARGIN_SECONDS = 60;
    private static final LivenessPolicy BOTH_PING = LivenessPolicy.DEFAULT
            .withPing(Duration.ofSeconds(5), Duration.ofSeconds(2))
            .withPingJitter(0);

    /** Both ends ping after 5 s of silence and wait 2 s, and no session is kept. */
    static final StoryProfile PLAIN = new StoryProfile(
            "both ends ping after 5 s of silence and wait 2 s for life",
            BOTH_PING,
            BOTH_PING,
            ReconnectPolicy.DEFAULT,
            null);

    /** The article's: only the server pings, the client watches, and comes back at a fixed pace. */
    static final StoryProfile ARTICLE = new StoryProfile(
            "the server pings every 5 s and waits 2 s; the client expects traffic within 10 s and retries every 5 s",
            LivenessPolicy.ARTICLE_SERVER,
            LivenessPolicy.ARTICLE_CLIENT,
            ReconnectPolicy.DEFAULT
                    .withBackoff(Backoff.fixed(Duration.ofSeconds(5)))
                    .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10)),
            null);

    /** As {@link #PLAIN}, and both ends keep the session for longer than the outage. */
    static StoryProfile keepingSessionsOver(Duration outage) {
        Duration ttl = Duration.ofSeconds(
                Math.max(ResumePolicy.DEFAULT.timeToLive().toSeconds(), outage.toSeconds() + MARGIN_SECONDS));
        return new StoryProfile(
                PLAIN.name() + "; the session is kept",
                PLAIN.server(),
                PLAIN.client(),
                PLAIN.reconnect(),
                ResumePolicy.DEFAULT.withTimeToLive(ttl));
    }

    /** How long the client may take to come back before the story gives it up. */
    Duration patience(Duration outage) {
        return outage.plusSeconds(30);
    }
}
