package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.PingWhen;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * What the {@link Liveness} of many connections has in common: a policy, its durations in nanoseconds, and where chance comes from.
 *
 * <p><b>Thread safety.</b> Any thread, as far as the source of chance allows.
 */
public final class LivenessSettings {
    final LivenessPolicy policy;
    final long interval;
    final long pingTimeout;
    final long expectTraffic;
    final long validity;

    /** When the validity clock asks for a ping, or {@link Nanos#OFF}. */
    final long validityLead;

    final long writeTimeout;
    final DoubleSupplier random;

    /**
     * Prepares them.
     *
     * @param policy the durations and modes
     * @param writeTimeout how long the kernel may take no byte of ours although some wait
     * @param random values in [0, 1) that shorten the ping intervals
     */
    public LivenessSettings(LivenessPolicy policy, Duration writeTimeout, DoubleSupplier random) {
        this.policy = policy;
        this.random = random;
        this.writeTimeout = Nanos.of(writeTimeout);
        interval = Nanos.orOff(policy.pingInterval());
        pingTimeout = Nanos.of(policy.pingTimeout());
        expectTraffic = Nanos.orOff(policy.expectTraffic());
        // Without pings there are no pongs to require.
        validity = interval == Nanos.OFF ? Nanos.OFF : Nanos.orOff(policy.validity());
        validityLead = validity == Nanos.OFF ? Nanos.OFF : Math.max(Nanos.TICK, validity - pingTimeout - Nanos.TICK);
    }

    /** Returns the longest silence before which no verdict on it may fall, our own stalls not counted: a grace is in it. */
    public Duration longestSilence() {
        long asked = interval == Nanos.OFF ? 0 : interval + pingTimeout;
        return Duration.ofNanos(Math.max(asked, expectTraffic) + pingTimeout);
    }

    boolean isAlways() {
        return policy.pingWhen() == PingWhen.ALWAYS;
    }

    /** Returns the interval, shortened by a part of its jitter, 0 to 1. */
    long periodNanos(float part) {
        // The tick is taken off so that a ping that is sent a tick late is not late.
        double shorter = interval * policy.pingJitter() * part;
        return interval - Math.max((long) shorter, Math.min(Nanos.TICK, interval / 2));
    }
}
