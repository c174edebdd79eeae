package io.everwire.session;

import io.everwire.LivenessPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the engines tell a person: sentences with numbers. */
final class Sentences {
    private Sentences() {}

    /**
     * Says why a peer was judged dead.
     *
     * @param sinceNanos for how long there was no byte; for {@code no-pong}, no pong
     * @param blockedNanos for how long the kernel took nothing, 0 when nothing waits
     * @param lastRoundTrip in nanoseconds, or {@link RoundTrip#UNKNOWN}
     */
    static String ofDeath(
            LivenessPolicy policy, String reason, long sinceNanos, long blockedNanos, long lastRoundTrip) {
        String timeout = text(policy.pingTimeout());
        String rules = switch (reason) {
            case "no-traffic" -> "traffic is expected every " + text(policy.expectTraffic());
            case "no-pong" -> "validity " + text(policy.validity()) + ", timeout " + timeout;
            case "write-timeout" -> "the last byte from the peer came " + Nanos.seconds(sinceNanos) + " ago";
            default -> "ping interval " + text(policy.pingInterval()) + ", timeout " + timeout;
        };
        String what = switch (reason) {
            case "no-pong" -> "bytes arrive, but no pong for " + Nanos.seconds(sinceNanos) + ": we are not heard";
            case "write-timeout" -> "the kernel took no byte of ours for " + Nanos.seconds(blockedNanos);
            default -> "no bytes from the peer for " + Nanos.seconds(sinceNanos);
        };
        String roundTrip = lastRoundTrip == RoundTrip.UNKNOWN
                ? "no pong was ever received"
                : "last round trip " + Nanos.text(lastRoundTrip);
        return what + " (" + rules + "; " + roundTrip + ")";
    }

    private static String text(@Nullable Duration duration) {
        return duration == null ? "off" : Nanos.text(Nanos.of(duration));
    }
}
