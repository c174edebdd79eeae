package io.everwire.verification.simulation;

import java.util.Locale;

/** What goes wrong in a world, or is meant to try the engines. */
enum Fault {
    CUT,
    CUT_AT_BYTE,
    CUT_IN_OPENING,
    HALF_OPEN_UP,
    HALF_OPEN_DOWN,
    BLACK_HOLE,
    UPGRADE_DELAYED,
    UPGRADES_RACING,
    UPGRADES_RACING_TO_TWO_NODES,
    NODE_CRASH,
    CLIENT_CRASH,
    OWNER_PAUSED,
    OWNER_PAUSED_OVER_TAKEOVER,
    CLOCK_JUMP,
    STORE_ERROR,
    STORE_ANSWER_LOST,
    STORE_SLOW,
    STORE_TAIL_LOST,
    SLOW_CONSUMER,
    CLIENT_APPLICATION_PAUSED,
    SERVER_APPLICATION_PAUSED,
    HANDLER_THROWS,
    HANDLER_SENDS,
    TAKEOVER_IN_HANDLER,
    LONG_OUTAGE,
    EXPIRY,
    FLOOD,
    OVERRUN,
    BYE_BY_CLIENT,
    BYE_BY_SERVER,
    MOVE,
    IMPATIENT_CLIENT,
    AFTER_TAKEOVER,
    STRANGER,
    REPLAYED_REQUEST,
    THIEF;

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
