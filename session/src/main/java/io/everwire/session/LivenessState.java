package io.everwire.session;

import java.util.EnumSet;
import java.util.Set;

/** Where the judgement of a peer stands, with the states that may follow. */
enum LivenessState {
    /** Heard, or not yet overdue. */
    ALIVE,
    /** A ping is overdue. */
    SUSPECT,
    /** Reading is suspended: no verdicts. */
    DEAF,
    /** A verdict is due, and what is readable is read first. */
    DRAINING,
    /** The end. */
    DEAD;

    Set<LivenessState> next() {
        return switch (this) {
            case ALIVE -> EnumSet.of(SUSPECT, DEAF, DRAINING, DEAD);
            case SUSPECT -> EnumSet.of(ALIVE, DEAF, DRAINING, DEAD);
            case DEAF -> EnumSet.of(ALIVE, SUSPECT, DEAD);
            case DRAINING -> EnumSet.of(ALIVE, SUSPECT, DEAF, DEAD);
            case DEAD -> EnumSet.noneOf(LivenessState.class);
        };
    }
}
