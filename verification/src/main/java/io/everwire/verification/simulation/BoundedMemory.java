package io.everwire.verification.simulation;

import io.everwire.ResumePolicy;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.ResumeEngine;

/** I7: no end holds more than a window, sent or received, and all sessions of a process together not more than its budget. */
final class BoundedMemory {
    private final World world;

    BoundedMemory(World world) {
        this.world = world;
    }

    void settled(End end) {
        ResumeEngine<Parcel> engine = end.engine();
        ResumePolicy peers = end.isClient() ? world.plan.serverPolicy : world.plan.clientPolicy;
        // What an owner restores it may hold until its client has said what it has; a thief says less than is true.
        boolean isHonest = end.ledger != null && !end.ledger.isStolen;
        if (end.isAttached && isHonest && engine.sent() - engine.confirmed() > peers.windowMessages()) {
            throw world.violation("I7: " + (engine.sent() - engine.confirmed())
                    + " messages are held for a peer whose window is " + peers.windowMessages());
        }
        if (end instanceof ClientEnd client && client.budget.takenBytes() > peers.windowBytes()) {
            throw world.violation("I7: a client holds " + client.budget.takenBytes() + " bytes for a window of "
                    + peers.windowBytes());
        }
        ReplayBudget budget = end instanceof ClientEnd client ? client.budget : ((ServerEnd) end).node.budget;
        // What another owner has sent is taken over whether there is room or not.
        if (budget.takenBytes() < 0 || (!world.plan.isDurable && budget.takenBytes() > budget.limitBytes())) {
            throw world.violation(
                    "I7: " + budget.takenBytes() + " bytes of a budget of " + budget.limitBytes() + " are taken");
        }
    }

    /** Asked when a message is counted, for then there is most. */
    void received(End end) {
        ResumePolicy own = end.isClient() ? world.plan.clientPolicy : world.plan.serverPolicy;
        Inbox inbox = end.inbox;
        if (inbox.heldMessages > own.windowMessages() || inbox.heldBytes > own.windowBytes()) {
            throw world.violation("I7: the application of an end has " + inbox.heldMessages + " messages and "
                    + inbox.heldBytes + " bytes waiting; its window is " + own.windowMessages() + " and "
                    + own.windowBytes());
        }
    }
}
