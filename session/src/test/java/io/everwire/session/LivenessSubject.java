package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.session.Liveness.Action;
import java.time.Duration;

/** The engine as its checker sees it; broken engines override what they break. */
class LivenessSubject {
    static final long NONCE_BASE = (long) Integer.MIN_VALUE << 32;

    final Liveness engine;

    LivenessSubject(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
        engine = new Liveness(policy, writeTimeout, () -> random, Integer.MIN_VALUE, now);
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
