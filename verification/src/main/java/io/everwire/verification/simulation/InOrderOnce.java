package io.everwire.verification.simulation;

import org.jspecify.annotations.Nullable;

/**
 * I1: what was delivered is a prefix of what was accepted, in order, and nothing twice.
 *
 * <p>A server that commits after the handler may hand a message over again after a crash or a takeover. Its application applies
 * each number once, and then the same holds of what was applied. One that commits before may leave messages out when a process
 * ends, and none comes again.
 */
final class InOrderOnce {
    private final World world;

    InOrderOnce(World world) {
        this.world = world;
    }

    void delivered(End end, Ledger ledger, long number, Parcel parcel) {
        Ledger.Direction direction = end.isClient() ? ledger.down : ledger.up;
        @Nullable Parcel taken = direction.at(number);
        if (taken != parcel) {
            throw world.violation(
                    "I1: number " + number + " was delivered as " + parcel + " and was accepted as " + taken);
        }
        boolean isAgain = direction.see(number);
        if (end.isClient() || !world.plan.isDurable) {
            require(number == direction.delivered + 1, end, number, direction);
        } else if (world.plan.isCommittedBefore) {
            require(!isAgain && (end.lastDelivered == 0 || number == end.lastDelivered + 1), end, number, direction);
        } else {
            require(isAgain || number == direction.delivered + 1, end, number, direction);
        }
        end.lastDelivered = number;
        direction.delivered = Math.max(direction.delivered, number);
    }

    private void require(boolean isRight, End end, long number, Ledger.Direction direction) {
        if (!isRight) {
            throw world.violation("I1: number " + number + " was delivered after " + direction.delivered
                    + " (by this end: " + end.lastDelivered + ")");
        }
    }
}
