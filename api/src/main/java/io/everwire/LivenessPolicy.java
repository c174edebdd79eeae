package io.everwire;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a connection decides whether its peer is alive. Both ends have one, on by default.
 *
 * <p>A silent peer is declared dead within {@code pingInterval + pingTimeout + 100 ms}; with a grace round, granted when our
 * own process stalled, within one more {@code pingTimeout} plus the stall.
 *
 * @param pingInterval a ping is sent when nothing was received for this long (or this often, see {@code pingWhen}); null
 *     sends none but those that confirm sends, and then {@code expectTraffic} must be set
 * @param pingJitter each interval is shortened by a random part of itself, 0 (none) to 0.5 (half); default 0.2
 * @param pingTimeout no byte from the peer for this long after the ping was flushed (or was due, when it cannot be flushed):
 *     the peer is dead; default 10 s
 * @param pingWhen when pings are sent; default {@link PingWhen#SILENT}
 * @param expectTraffic no byte at all for this long: the peer is dead, whether or not we ping; null (the default) for off
 * @param validity even while bytes arrive a pong is required this often, which catches a link on which we hear but are not
 *     heard; null for off; default 60 s; longer than {@code pingTimeout}
 */
public record LivenessPolicy(
        @Nullable Duration pingInterval,
        double pingJitter,
        Duration pingTimeout,
        PingWhen pingWhen,
        @Nullable Duration expectTraffic,
        @Nullable Duration validity) {
    // First, because the constants below are checked against it.
    private static final Duration SHORTEST = Duration.ofMillis(50);

    /** Ping after 15 s of silence (shortened by up to 20 %), wait 10 s, require a pong every 60 s. */
    public static final LivenessPolicy DEFAULT = new LivenessPolicy(
            Duration.ofSeconds(15), 0.2, Duration.ofSeconds(10), PingWhen.SILENT, null, Duration.ofSeconds(60));

    /** The article's server: a ping every 5 s, traffic or not, and 2 s for the answer. */
    public static final LivenessPolicy ARTICLE_SERVER =
            new LivenessPolicy(Duration.ofSeconds(5), 0, Duration.ofSeconds(2), PingWhen.ALWAYS, null, null);

    /**
     * The article's client: gives up after 10 s without a byte, and sends no pings but those that confirm sends ({@link
     * Session#send(Message)}; {@link Session#trySend(Message)} asks for none).
     */
    public static final LivenessPolicy ARTICLE_CLIENT =
            new LivenessPolicy(null, 0, Duration.ofSeconds(2), PingWhen.SILENT, Duration.ofSeconds(10), null);

    /**
     * Checks the policy as a whole.
     *
     * @throws IllegalArgumentException when a duration is shorter than 50 ms, the jitter is outside 0 to 0.5, neither
     *     {@code pingInterval} nor {@code expectTraffic} is set, or {@code validity} is not longer than {@code pingTimeout}
     */
    public LivenessPolicy {
        requireLongEnough("pingInterval", pingInterval);
        requireLongEnough("pingTimeout", pingTimeout);
        requireLongEnough("expectTraffic", expectTraffic);
        if (!(pingJitter >= 0 && pingJitter <= 0.5)) {
            throw new IllegalArgumentException("pingJitter is " + pingJitter + "; it must be 0 to 0.5");
        }
        if (pingInterval == null && expectTraffic == null) {
            throw new IllegalArgumentException(
                    "no pingInterval and no expectTraffic: a dead peer would never be noticed; set one");
        }
        if (validity != null && validity.compareTo(pingTimeout) <= 0) {
            throw new IllegalArgumentException(
                    "validity " + validity + " must be longer than pingTimeout " + pingTimeout + ", or null");
        }
    }

    private static void requireLongEnough(String name, @Nullable Duration duration) {
        if (duration != null && duration.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(name + " is " + duration + "; the shortest that can be kept is 50 ms");
        }
    }

    /** Returns a copy that pings after (or every) {@code interval} and waits {@code timeout} for life. */
    public LivenessPolicy withPing(Duration interval, Duration timeout) {
        Duration longEnough = validity == null || validity.compareTo(timeout) > 0 ? validity : timeout.plus(interval);
        return new LivenessPolicy(interval, pingJitter, timeout, pingWhen, expectTraffic, longEnough);
    }

    /** Returns a copy with another part of each interval left to chance, 0 to 0.5. */
    public LivenessPolicy withPingJitter(double jitter) {
        return new LivenessPolicy(pingInterval, jitter, pingTimeout, pingWhen, expectTraffic, validity);
    }

    /** Returns a copy that pings when it is told to. */
    public LivenessPolicy withPingWhen(PingWhen when) {
        return new LivenessPolicy(pingInterval, pingJitter, pingTimeout, when, expectTraffic, validity);
    }

    /** Returns a copy with a passive watchdog: no byte for {@code limit} is a dead peer; null turns it off. */
    public LivenessPolicy withExpectTraffic(@Nullable Duration limit) {
        return new LivenessPolicy(pingInterval, pingJitter, pingTimeout, pingWhen, limit, validity);
    }

    /** Returns a copy that requires a pong this often even while bytes arrive; null turns it off. */
    public LivenessPolicy withValidity(@Nullable Duration period) {
        return new LivenessPolicy(pingInterval, pingJitter, pingTimeout, pingWhen, expectTraffic, period);
    }

    /** Returns the longest silence before the verdict, without grace: the promise of this policy, 100 ms included. */
    public Duration bound() {
        Duration byPing = pingInterval == null ? null : pingInterval.plus(pingTimeout);
        Duration limit = byPing == null || (expectTraffic != null && expectTraffic.compareTo(byPing) < 0)
                ? expectTraffic
                : byPing;
        if (limit == null) {
            throw new AssertionError("the constructor admits no policy without a bound");
        }
        return limit.plusMillis(100);
    }
}
