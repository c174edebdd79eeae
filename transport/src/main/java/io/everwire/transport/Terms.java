package io.everwire.transport;

import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.session.LivenessSettings;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What the sessions of one kind have in common on one event loop, so that none of them has to keep it for itself. */
final class Terms {
    /** What the names of such sessions begin with. */
    final String prefix;

    final EventLoops loops;
    final EventLoop loop;
    final Wheel wheel;
    final Limits limits;
    final LivenessSettings liveness;
    /** Whether the application reads with {@code receive} instead of being called. */
    final boolean isPulled;
    /** Where callbacks run; null for the event loop. */
    final @Nullable Executor executor;
    /** Is told when a session of a server begins and ends. */
    final Admission.Entry entry;

    private final LivenessPolicy policy;

    Terms(
            String prefix,
            EventLoops loops,
            EventLoop loop,
            Limits limits,
            LivenessPolicy policy,
            boolean isPulled,
            @Nullable Executor executor,
            Admission.Entry entry) {
        this.prefix = prefix;
        this.loops = loops;
        this.loop = loop;
        this.limits = limits;
        this.policy = policy;
        this.isPulled = isPulled;
        this.executor = executor;
        this.entry = entry;
        wheel = loops.wheelOf(loop);
        liveness = new LivenessSettings(
                policy, limits.writeTimeout(), () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Tells whether they are those of such a session. */
    boolean areOf(ServerSession.Config config, EventLoops itsLoops, Admission.Entry itsEntry) {
        return limits.equals(config.limits())
                && policy.equals(config.liveness())
                && isPulled == config.isPulled()
                && executor == config.executor()
                && loops == itsLoops
                && entry == itsEntry;
    }
}
