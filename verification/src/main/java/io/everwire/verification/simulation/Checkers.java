package io.everwire.verification.simulation;

import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import java.util.List;

/** All checkers; each is told what it wants to know and nothing else. */
final class Checkers implements Observer {
    private final World world;
    private final InOrderOnce inOrderOnce;
    private final NumbersAgree numbersAgree;
    private final NeverBackwards neverBackwards;

    Checkers(World world) {
        this.world = world;
        inOrderOnce = new InOrderOnce(world);
        numbersAgree = new NumbersAgree(world);
        neverBackwards = new NeverBackwards(world);
    }

    @Override
    public void accepted(End end, Ledger ledger, Parcel parcel) {
        if (end.isClient()) {
            ledger.up.take(parcel);
        } else if (!world.plan.isDurable) {
            ledger.down.take(parcel);
        }
    }

    @Override
    public void appended(SessionId sid, long epoch, long first, List<Message> messages) {
        Ledger ledger = world.ledger(sid);
        for (int i = 0; i < messages.size(); i++) {
            if (first + i > ledger.down.taken) {
                ledger.down.take(world.restored(messages.get(i)));
            }
        }
    }

    @Override
    public void received(End end, Link link, Ledger ledger, long number, Parcel parcel) {
        if (end.isClient()) {
            world.tally.down++;
            ledger.down.held = number;
        } else {
            world.tally.up++;
        }
        numbersAgree.received(ledger, number, parcel);
    }

    @Override
    public void delivered(End end, Ledger ledger, long number, Parcel parcel) {
        inOrderOnce.delivered(end, ledger, number, parcel);
    }

    @Override
    public void settled(End end) {
        neverBackwards.settled(end);
    }

    @Override
    public void calm(World at) {
        if (!at.isCalm()) {
            throw at.violation("I10: not everything has arrived 90 s after the last fault");
        }
    }
}
