package io.everwire.session;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.LivenessPolicy;
import io.everwire.ReconnectPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the engines tell a person, and the failures they find themselves: sentences with numbers. */
final class Sentences {
    private Sentences() {}

    /**
     * Says why a peer was judged dead.
     *
     * @param sinceNanos for how long there was no byte; for {@code no-pong}, no pong
     * @param blockedNanos for how long the kernel took nothing, 0 when nothing waits
     * @param lastRoundTrip in nanoseconds, or {@link Pulse#UNMEASURED}
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
        String roundTrip = lastRoundTrip == Pulse.UNMEASURED
                ? "no pong was ever received"
                : "last round trip " + Nanos.text(lastRoundTrip);
        return what + " (" + rules + "; " + roundTrip + ")";
    }

    /** The attempt's deadline passed and the supplier had not answered. */
    static Failure lateRequest(ReconnectPolicy policy) {
        return late(Failure.Kind.CREDENTIALS, "the request supplier did not answer", policy);
    }

    /** The attempt's deadline passed without a TCP connection. */
    static Failure lateProbe(ReconnectPolicy policy) {
        return late(Failure.Kind.CONNECT_TIMEOUT, "there was no TCP connection", policy);
    }

    /** The attempt's deadline passed during a step of the upgrade. */
    static Failure lateUpgrade(UpgradeStep step, ReconnectPolicy policy) {
        return switch (step) {
            case TUNNEL -> late(Failure.Kind.PROXY, "the proxy opened no tunnel", policy);
            case TLS -> late(Failure.Kind.UPGRADE_TIMEOUT, "the TLS handshake was not completed", policy);
            case REQUEST -> late(Failure.Kind.UPGRADE_TIMEOUT, "the upgrade was not answered", policy);
        };
    }

    private static Failure late(Failure.Kind kind, String what, ReconnectPolicy policy) {
        return Failure.of(kind, what + " within the attempt's " + text(policy.connectTimeout()));
    }

    /** {@code onReady} took too long. */
    static Failure notReady(Duration readyTimeout) {
        return Failure.of(Failure.Kind.READY_TIMEOUT, "onReady did not complete within " + text(readyTimeout));
    }

    /** A budget has no place for an upgrade. */
    static Failure crowded(Duration connectTimeout) {
        return Failure.of(
                Failure.Kind.UPGRADE_TIMEOUT,
                "the budgets of upgrades, per session and host, allow none within " + text(connectTimeout));
    }

    /** The application's own close. */
    static Failure closedByUs(CloseStatus status) {
        return Failure.ofClose(Failure.Kind.CLOSED_BY_US, status, "the application closed the session with " + status);
    }

    /** Returns the status that stands for a failure: RFC 6455 §7.1.5 has 1006 when there was no close frame. */
    static CloseStatus statusOf(Failure failure) {
        CloseStatus status = failure.closeStatus();
        return status == null ? new CloseStatus(CloseCode.ABNORMAL, "") : status;
    }

    private static String text(@Nullable Duration duration) {
        return duration == null ? "off" : Nanos.text(Nanos.of(duration));
    }
}
