package io.everwire.verification.simulation;

import io.everwire.LossReason;
import io.everwire.session.resume.CloseCodes;

/** I12: only a client whose session was really taken is told so, and it does not come again by itself. */
final class NeverSuperseded {
    private final World world;

    NeverSuperseded(World world) {
        this.world = world;
    }

    void lost(ClientEnd client, Ledger ledger, LossReason reason) {
        if (reason == LossReason.TAKEN_OVER) {
            if (!ledger.isStolen) {
                throw world.violation(
                        "I12: client " + client.index + " is told that it was taken over, and it is alone");
            }
            client.isSuperseded = true;
        }
    }

    void offered(ClientEnd client) {
        if (client.isSuperseded) {
            throw world.violation("I12: client " + client.index + " dials after it was taken over");
        }
    }

    /** A client that is closed 4408 on its newest connection has written no larger attempt. */
    void closed(ClientEnd client, Link link, int code) {
        boolean isNewest =
                client.newest == link && link.attempt == client.engine().attempt();
        Ledger ledger = client.ledger;
        if (code == CloseCodes.STALE_ATTEMPT && isNewest && (ledger == null || !ledger.isStolen)) {
            throw world.violation("I12: the newest attempt of client " + client.index + " is called stale");
        }
        boolean isTaken = code == CloseCodes.TAKEN_OVER && client.newest == link;
        if (isTaken && !client.engine().isOver()) {
            throw world.violation(
                    "I12: client " + client.index + " goes on after its newest connection was taken over");
        }
    }
}
