package io.everwire.verification.simulation;

/** I2 and I9: the number that an end counts is the number that the message was accepted under, in the same session. */
final class NumbersAgree {
    private final World world;

    NumbersAgree(World world) {
        this.world = world;
    }

    void received(Ledger ledger, long number, Parcel parcel) {
        if (parcel.ledger != ledger) {
            throw world.violation("I9: " + parcel + " was received in another session than it was accepted for");
        }
        if (parcel.number != number) {
            throw world.violation("I2: " + parcel + " was counted as number " + number);
        }
    }
}
