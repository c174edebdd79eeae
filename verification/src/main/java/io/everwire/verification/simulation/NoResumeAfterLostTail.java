package io.everwire.verification.simulation;

import io.everwire.session.resume.Control;

/** I15: a session is resumed only under an epoch that the store has granted, and one that lost its tail grants none. */
final class NoResumeAfterLostTail {
    private final World world;

    NoResumeAfterLostTail(World world) {
        this.world = world;
    }

    void controlWritten(ServerEnd server, Link link, Control control) {
        if (!(control instanceof Control.Hello hello) || hello.status() != Control.Status.RESUMED) {
            return;
        }
        Ledger ledger = world.ledger(server.engine().sid());
        if (link.connection > ledger.epoch) {
            throw world.violation(
                    "I15: resumed under epoch " + link.connection + ", and the store has granted " + ledger.epoch);
        }
        if (world.vault.hasForgotten(ledger.sid) && link.isClaimedAfterLoss) {
            throw world.violation("I15: a session is resumed whose store has lost its tail");
        }
    }
}
