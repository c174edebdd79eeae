package io.everwire.session;

import io.everwire.SessionState;
import java.util.EnumSet;
import java.util.Set;

/** Where the session stands, with what an application sees of it and the states that may follow. */
enum ReconnectState {
    /** Not started. */
    IDLE(SessionState.IDLE),
    /** The supplier was called. */
    REQUESTING(SessionState.CONNECTING),
    /** One to four probes are under way, or the first waits for the host's budget. */
    PROBING(SessionState.CONNECTING),
    /** A probe is connected and waits for the budget of upgrades. */
    HOLDING(SessionState.CONNECTING),
    /** A probe is being upgraded. */
    UPGRADING(SessionState.CONNECTING),
    /** The connection is open and {@code onReady} runs. */
    READYING(SessionState.READYING),
    /** Messages flow. */
    OPEN(SessionState.OPEN),
    /** Nothing is under way until the next attempt's time. */
    WAITING(SessionState.WAITING),
    /** The closing handshake is under way. */
    CLOSING(SessionState.CLOSING),
    /** The end. */
    CLOSED(SessionState.CLOSED);

    private final SessionState visible;

    ReconnectState(SessionState visible) {
        this.visible = visible;
    }

    SessionState visible() {
        return visible;
    }

    Set<ReconnectState> next() {
        return switch (this) {
            case IDLE -> EnumSet.of(REQUESTING, CLOSED);
            case REQUESTING -> EnumSet.of(PROBING, WAITING, CLOSED);
            case PROBING -> EnumSet.of(HOLDING, UPGRADING, WAITING, CLOSED);
            case HOLDING -> EnumSet.of(UPGRADING, WAITING, CLOSED);
            case UPGRADING -> EnumSet.of(READYING, PROBING, WAITING, CLOSED);
            case READYING -> EnumSet.of(OPEN, WAITING, CLOSING, CLOSED);
            case OPEN -> EnumSet.of(READYING, WAITING, CLOSING, CLOSED);
            case WAITING -> EnumSet.of(REQUESTING, PROBING, CLOSED);
            case CLOSING -> EnumSet.of(CLOSED);
            case CLOSED -> EnumSet.noneOf(ReconnectState.class);
        };
    }
}
