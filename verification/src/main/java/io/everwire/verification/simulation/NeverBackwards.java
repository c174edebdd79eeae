package io.everwire.verification.simulation;

import io.everwire.session.resume.ResumeEngine;

/** I3: what is confirmed is at most what the peer holds, which is at most what was sent; and no position ever moves back. */
final class NeverBackwards {
    private final World world;

    NeverBackwards(World world) {
        this.world = world;
    }

    void settled(End end) {
        ResumeEngine<Parcel> engine = end.engine();
        Marks marks = end.marks;
        long epoch = end instanceof ServerEnd server
                ? server.engine().epoch()
                : ((ClientEnd) end).engine().attempt();
        if (marks.incarnation == engine.incarnation()
                && (engine.sent() < marks.sent
                        || engine.confirmed() < marks.confirmed
                        || engine.received() < marks.received)) {
            throw world.violation("I3: sent, confirmed, received were " + marks + " and are " + engine.sent() + ", "
                    + engine.confirmed() + ", " + engine.received());
        }
        if (epoch < marks.epoch) {
            throw world.violation("I3: the epoch was " + marks.epoch + " and is " + epoch);
        }
        if (engine.confirmed() > engine.sent()) {
            throw world.violation("I3: confirmed " + engine.confirmed() + " of " + engine.sent());
        }
        marks.incarnation = engine.incarnation();
        marks.sent = engine.sent();
        marks.confirmed = engine.confirmed();
        marks.received = engine.received();
        marks.epoch = epoch;
    }

    /** Where an end stood when it was seen last. */
    static final class Marks {
        private int incarnation;
        private long sent;
        private long confirmed;
        private long received;
        private long epoch;

        @Override
        public String toString() {
            return sent + ", " + confirmed + ", " + received;
        }
    }
}
