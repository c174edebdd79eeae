package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.session.Liveness.Action;
import java.time.Duration;

/** The engine as its checker sees it; broken engines override what they break. */
class LivenessSubject {
    static final long NONCE_BASE = Long.MAX_VALUE - 2;

    final Liveness engine;

    LivenessSubject(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
        engine = new Liveness(policy, writeTimeout, () -> random, NONCE_BASE, now);
    }

    void handleBytes(long now) {
        engine.handleBytes(now);
    }

    void handlePong(long nonce, long sent, long now) {
        engine.handlePong(nonce, sent, now);
    }

    void handleDeadline(long now) {
        engine.handleDeadline(now);
    }

    void handleDrained(long now) {
        engine.handleDrained(now);
    }

    Action pollAction() {
        return engine.pollAction();
    }

    long deadlineNanos() {
        return engine.deadlineNanos();
    }

    long confirmedMessages() {
        return engine.confirmedMessages();
    }
}
