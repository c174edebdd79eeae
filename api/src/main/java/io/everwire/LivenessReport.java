package io.everwire;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a connection knows of its peer at one moment.
 *
 * @param health the judgement
 * @param lastHeard how long ago the last byte arrived
 * @param smoothedRoundTrip the smoothed round trip of pings (RFC 6298 §2), null before the first pong
 * @param pingsSent pings sent on this connection
 * @param pingsAnswered pings that a pong has answered, later pongs answering for earlier pings
 */
public record LivenessReport(
        Health health, Duration lastHeard, @Nullable Duration smoothedRoundTrip, long pingsSent, long pingsAnswered) {
    /** The judgement of a peer. */
    public enum Health {
        /** Bytes arrive, or a ping is not overdue. */
        ALIVE,
        /** A ping is overdue by more than smoothed round trip + 4 × deviation: shaky, not yet dead. */
        SUSPECT,
        /** Judged gone; the connection is aborted. */
        DEAD
    }
}
