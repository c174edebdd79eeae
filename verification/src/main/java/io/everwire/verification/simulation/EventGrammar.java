package io.everwire.verification.simulation;

/**
 * I18, and I8's "exactly once": {@code (open | resumed) (suspended resumed)* suspended? (lost | ended | closed)}. Only a server
 * that has restored a session may begin with {@code resumed}; only its process can end in silence.
 */
final class EventGrammar {
    private final World world;

    EventGrammar(World world) {
        this.world = world;
    }

    void told(End end, Ledger ledger, Told told) {
        boolean isFresh = end.toldOf != ledger;
        boolean isAllowed = switch (told) {
            case OPEN -> isFresh && !end.isToldOpen;
            case RESUMED -> isFresh ? !end.isClient() && !end.isToldOpen : end.isToldSuspended;
            case SUSPENDED -> !isFresh && end.isToldOpen && !end.isToldSuspended;
            case LOST, ENDED, CLOSED -> !isFresh && end.isToldOpen;
        };
        if (!isAllowed) {
            throw world.violation("I18: " + told + (isFresh ? " of a new session" : "") + " after "
                    + (end.isToldSuspended ? "suspended" : end.isToldOpen ? "open" : "the end"));
        }
        end.toldOf = ledger;
        switch (told) {
            case OPEN, RESUMED -> {
                end.isToldOpen = true;
                end.isToldSuspended = false;
            }
            case SUSPENDED -> end.isToldSuspended = true;
            default -> {
                end.isToldOpen = false;
                end.isToldSuspended = false;
            }
        }
    }

    void delivered(End end, Ledger ledger) {
        if (end.toldOf != ledger || !end.isToldOpen) {
            throw world.violation("I18: a message is delivered outside of its session");
        }
    }

    void over() {
        for (End end : world.everyEnd) {
            if (!end.isDead && end.isToldOpen) {
                throw world.violation("I8: " + (end.isClient() ? "a client" : "a server")
                        + " was never told of the end of " + (end.toldOf == null ? "its session" : end.toldOf.sid));
            }
        }
    }
}
