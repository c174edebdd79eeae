package io.everwire.verification.simulation;

import io.everwire.Message;
import java.util.List;

/** I5: only the owner with the newest epoch changes what is stored, and a number once stored keeps its message. */
final class OneOwnerWrites {
    private final World world;

    OneOwnerWrites(World world) {
        this.world = world;
    }

    void claimed(Ledger ledger, long epoch) {
        if (epoch <= ledger.epoch) {
            throw world.violation("I5: epoch " + epoch + " was granted after " + ledger.epoch);
        }
        ledger.epoch = epoch;
    }

    void written(Ledger ledger, long epoch) {
        if (epoch != ledger.epoch) {
            throw world.violation("I5: a write of epoch " + epoch + " took effect under " + ledger.epoch);
        }
    }

    void appended(Ledger ledger, long first, List<Message> messages) {
        for (int i = 0; i < messages.size(); i++) {
            Parcel parcel = world.restored(messages.get(i));
            long number = first + i;
            if (number > ledger.down.taken) {
                ledger.down.take(parcel);
            } else if (ledger.down.at(number) != parcel) {
                throw world.violation("I5: number " + number + " was stored as " + ledger.down.at(number)
                        + " and is appended as " + parcel);
            }
        }
    }
}
