package io.everwire.verification.simulation;

import io.everwire.session.resume.ResumeEngine;

/** I14: a timer that is early, or whose reason is gone, changes nothing. */
final class EarlyTimers {
    private static final int SELDOM = 48;

    private final World world;

    EarlyTimers(World world) {
        this.world = world;
    }

    void settled(End end) {
        if (!world.chance.oneIn(SELDOM)) {
            return;
        }
        ResumeEngine<Parcel> engine = end.engine();
        long now = world.agenda.now();
        long due = engine.deadlineNanos();
        if (due <= now) {
            return;
        }
        long connection = engine.connection();
        engine.handleDeadline(now);
        engine.handleDetached(connection - 1, now);
        engine.handleHanded(engine.incarnation() - 1, Long.MAX_VALUE, now);
        if (engine.poll() != null || engine.deadlineNanos() != due || engine.connection() != connection) {
            throw world.violation("I14: a timer that is not due, or news of an older connection, made an engine act");
        }
    }
}
