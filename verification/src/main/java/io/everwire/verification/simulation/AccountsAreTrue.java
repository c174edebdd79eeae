package io.everwire.verification.simulation;

import io.everwire.SessionLoss;

/** I8: when a session ends, what its account says to be delivered is, and what it says never arrived never does. */
final class AccountsAreTrue {
    private final World world;

    AccountsAreTrue(World world) {
        this.world = world;
    }

    void lost(End end, Ledger ledger, SessionLoss loss) {
        Ledger.Direction direction = end.isClient() ? ledger.up : ledger.down;
        long known = loss.delivered() + loss.unknown();
        if (loss.delivered() > direction.held) {
            throw world.violation("I8: " + loss + " and the peer holds " + direction.held);
        }
        if (known + loss.undelivered() != end.engine().sent() && !end.isClient()) {
            throw world.violation("I8: " + loss + " does not account for all of "
                    + end.engine().sent());
        }
        // What a server's former owner could not store is another message under the same number: numbers then say
        // nothing.
        boolean isJudged = end.isClient() || !world.plan.isDurable;
        if (isJudged) {
            direction.denied = Math.min(direction.denied, known);
            denied(direction);
        } else {
            deny((ServerEnd) end, known, end.engine().sent());
        }
    }

    /** Marks the messages themselves: each was said never to arrive. */
    private void deny(ServerEnd end, long known, long sent) {
        for (Parcel parcel : end.accepted) {
            if (parcel.number > known && parcel.number <= sent) {
                parcel.isDenied = true;
                if (parcel.isReceived) {
                    throw world.violation("I8: " + parcel + " was received, and its sender is told that it never was");
                }
            }
        }
    }

    void received(Parcel parcel) {
        parcel.isReceived = true;
        if (parcel.isDenied) {
            throw world.violation("I8: " + parcel + " is received, and its sender was told that it never would be");
        }
    }

    void delivered(Ledger.Direction direction) {
        denied(direction);
    }

    private void denied(Ledger.Direction direction) {
        if (direction.delivered > direction.denied) {
            throw world.violation("I8: number " + direction.delivered
                    + " was delivered, and its sender was told that only " + direction.denied + " can have been");
        }
    }
}
