package io.everwire.session;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.ReconnectPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The engine as its checker sees it; broken engines override what they break. */
class ReconnectSubject {
    final Reconnect engine;
    final HostBudget host;

    ReconnectSubject(ReconnectPolicy policy, double random, long now) {
        host = new HostBudget(2, 4, now);
        engine = new Reconnect(policy, Duration.ofSeconds(2), host, () -> random, now);
    }

    void handleLost(int epoch, Failure failure, CloseStatus status, long now) {
        engine.handleLost(epoch, failure, status, false, Nanos.SECOND, 3, now);
    }

    void handleProbeConnected(long probe, long now) {
        engine.handleProbeConnected(probe, now);
    }

    long deadlineNanos() {
        return engine.deadlineNanos();
    }

    @Nullable ReconnectOutput poll() {
        return engine.poll();
    }
}
