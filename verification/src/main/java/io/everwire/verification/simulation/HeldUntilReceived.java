package io.everwire.verification.simulation;

/** I4: no end forgets a message before its peer holds it, and no store does. */
final class HeldUntilReceived {
    private final World world;

    HeldUntilReceived(World world) {
        this.world = world;
    }

    void settled(End end) {
        Ledger ledger = end.ledger;
        if (ledger == null) {
            return;
        }
        long held = end.isClient() ? ledger.up.held : ledger.down.held;
        if (end.engine().confirmed() > held) {
            throw world.violation("I4: " + end.engine().confirmed() + " messages " + (end.isClient() ? "up" : "down")
                    + " are confirmed and the peer holds " + held);
        }
    }

    void committed(Ledger ledger, long acknowledged) {
        if (acknowledged > ledger.down.held) {
            throw world.violation(
                    "I4: the store forgets " + acknowledged + " messages and the client holds " + ledger.down.held);
        }
    }
}
