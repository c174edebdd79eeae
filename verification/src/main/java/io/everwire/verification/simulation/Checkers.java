package io.everwire.verification.simulation;

import io.everwire.CloseStatus;
import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.SessionLoss;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All checkers; each is told what it wants to know and nothing else. Keeps the ledgers that they judge by. */
final class Checkers implements Observer {
    private final World world;
    private final InOrderOnce inOrderOnce;
    private final NumbersAgree numbersAgree;
    private final NeverBackwards neverBackwards;
    private final HeldUntilReceived heldUntilReceived;
    private final OneOwnerWrites oneOwnerWrites;
    private final OldConnectionsAreMute oldConnectionsAreMute;
    private final BoundedMemory boundedMemory;
    private final AccountsAreTrue accountsAreTrue;
    private final Drains drains;
    private final NoSpuriousLoss noSpuriousLoss;
    private final NeverSuperseded neverSuperseded;
    private final StrangersChangeNothing strangersChangeNothing;
    private final EarlyTimers earlyTimers;
    private final NoResumeAfterLostTail noResumeAfterLostTail;
    private final NothingStays nothingStays;
    private final HelloFirst helloFirst;
    private final EventGrammar eventGrammar;

    Checkers(World world) {
        this.world = world;
        inOrderOnce = new InOrderOnce(world);
        numbersAgree = new NumbersAgree(world);
        neverBackwards = new NeverBackwards(world);
        heldUntilReceived = new HeldUntilReceived(world);
        oneOwnerWrites = new OneOwnerWrites(world);
        oldConnectionsAreMute = new OldConnectionsAreMute(world);
        boundedMemory = new BoundedMemory(world);
        accountsAreTrue = new AccountsAreTrue(world);
        drains = new Drains(world);
        noSpuriousLoss = new NoSpuriousLoss(world);
        neverSuperseded = new NeverSuperseded(world);
        strangersChangeNothing = new StrangersChangeNothing(world);
        earlyTimers = new EarlyTimers(world);
        noResumeAfterLostTail = new NoResumeAfterLostTail(world);
        nothingStays = new NothingStays(world);
        helloFirst = new HelloFirst(world);
        eventGrammar = new EventGrammar(world);
    }

    // ---- messages ----

    @Override
    public void accepted(End end, Ledger ledger, Parcel parcel) {
        if (end.isClient()) {
            ledger.up.take(parcel);
        } else if (world.plan.isDurable) {
            end.accepted.add(parcel);
        } else {
            ledger.down.take(parcel);
        }
    }

    @Override
    public void written(End end, Link link, long number, Parcel parcel) {
        helloFirst.written(end, link, number);
    }

    @Override
    public void received(End end, Link link, Ledger ledger, long number, Parcel parcel) {
        if (end.isClient()) {
            world.tally.down++;
            ledger.down.held = number;
        } else {
            world.tally.up++;
            if (!world.plan.isDurable) {
                ledger.up.held = number;
            }
        }
        numbersAgree.received(ledger, number, parcel);
        oldConnectionsAreMute.received(end, link, number);
        boundedMemory.received(end);
        accountsAreTrue.received(parcel);
    }

    @Override
    public void delivered(End end, Ledger ledger, long number, Parcel parcel) {
        inOrderOnce.delivered(end, ledger, number, parcel);
        eventGrammar.delivered(end, ledger);
        accountsAreTrue.delivered(end.isClient() ? ledger.down : ledger.up);
    }

    // ---- connections ----

    @Override
    public void offered(ClientEnd client, Link link, Offer offer) {
        neverSuperseded.offered(client);
        oldConnectionsAreMute.offered(link, client);
    }

    @Override
    public void arrived(Link link, Offer offer) {
        Offer.Claim claim = offer.claim();
        link.isClaimedAfterLoss = claim != null && world.vault.hasForgotten(claim.sid());
    }

    @Override
    public void opened(Link link, ServerEnd server, long connection) {
        strangersChangeNothing.opened(link, server);
        oldConnectionsAreMute.opened(link, server);
    }

    @Override
    public void firstHeard(ClientEnd client, Link link, @Nullable Control first) {
        helloFirst.firstHeard(first);
        noSpuriousLoss.firstHeard(client, first);
    }

    @Override
    public void answered(Strangers.Stranger stranger, @Nullable Control first) {
        strangersChangeNothing.answered(stranger, first);
    }

    @Override
    public void attached(End end, Ledger ledger, boolean isResumed, long replayedOut) {
        if (isResumed) {
            world.tally.replays += replayedOut;
        }
        if (end instanceof ServerEnd server) {
            boolean isTakeover = isResumed && ledger.isAttached;
            if (isResumed) {
                world.tally.resumes++;
            } else {
                ledger.begunAt = world.agenda.now();
            }
            if (server.engine().epoch() >= ledger.ownerEpoch) {
                ledger.owner = server;
                ledger.ownerEpoch = server.engine().epoch();
                ledger.isAttached = true;
            }
            if (isTakeover) {
                world.tally.takeovers++;
                world.faults.handleTakeover(server);
            }
            if (isResumed && end.inbox.isBusy()) {
                world.count(Fault.TAKEOVER_IN_HANDLER);
            }
        }
    }

    @Override
    public void suspended(End end, Ledger ledger) {
        if (ledger.owner == end && ledger.isAttached) {
            // A connection that is taken over by another one is no loss of it.
            ledger.isAttached = end.engine().connection() != 0;
            ledger.suspendedAt = world.agenda.now();
        }
    }

    @Override
    public void controlWritten(End end, Link link, Control control) {
        helloFirst.controlWritten(end, link, control);
        if (end instanceof ServerEnd server) {
            noResumeAfterLostTail.controlWritten(server, link, control);
            if (control instanceof Control.Bye) {
                world.ledger(server.engine().sid()).isEnding = true;
            }
        }
    }

    @Override
    public void closed(ClientEnd client, Link link, int code) {
        neverSuperseded.closed(client, link, code);
    }

    @Override
    public void dropped(End end, @Nullable Link link, CloseStatus status) {
        noSpuriousLoss.dropped(end, status);
    }

    @Override
    public void leftOpen(ServerEnd server, Link link) {
        nothingStays.leftOpen(server);
    }

    // ---- ends ----

    @Override
    public void lost(End end, Ledger ledger, SessionLoss loss) {
        accountsAreTrue.lost(end, ledger, loss);
        noSpuriousLoss.lost(end, ledger, loss.reason());
        if (end instanceof ClientEnd client) {
            neverSuperseded.lost(client, ledger, loss.reason());
        } else {
            suspended(end, ledger);
            count(loss.reason());
        }
    }

    /** What the end of a storm lets happen is no fault of its own. */
    private void count(LossReason reason) {
        if (world.isStorm() && reason == LossReason.EXPIRED) {
            world.count(Fault.EXPIRY);
        } else if (world.isStorm() && reason == LossReason.OVERRUN) {
            world.count(Fault.OVERRUN);
        }
    }

    @Override
    public void crashing(Node node) {
        for (ServerEnd server : node.inOrder) {
            Ledger ledger = world.ledger(server.engine().sid());
            suspended(server, ledger);
            ledger.isAttached &= ledger.owner != server;
        }
        if (!world.plan.isDurable) {
            for (Ledger ledger : world.ledgers()) {
                ledger.isMemoryGone = true;
            }
        }
    }

    @Override
    public void told(End end, Ledger ledger, Told told, @Nullable SessionLoss loss) {
        eventGrammar.told(end, ledger, told);
    }

    // ---- the store ----

    @Override
    public void claimed(SessionId sid, long attempt, SessionStore.Claim claim) {
        strangersChangeNothing.claimed(attempt);
        if (claim instanceof SessionStore.Claim.Claimed granted) {
            oneOwnerWrites.claimed(world.ledger(sid), granted.epoch());
        }
    }

    @Override
    public void appended(SessionId sid, long epoch, long first, List<Message> messages) {
        Ledger ledger = world.ledger(sid);
        oneOwnerWrites.written(ledger, epoch);
        oneOwnerWrites.appended(ledger, first, messages);
    }

    @Override
    public void committed(SessionId sid, long epoch, long received, long acknowledged) {
        Ledger ledger = world.ledger(sid);
        oneOwnerWrites.written(ledger, epoch);
        heldUntilReceived.committed(ledger, acknowledged);
        ledger.up.held = Math.max(ledger.up.held, received);
    }

    @Override
    public void endedInStore(SessionId sid, long epoch, SessionStore.@Nullable Tombstone tombstone) {
        Ledger ledger = world.ledger(sid);
        oneOwnerWrites.written(ledger, epoch);
        noSpuriousLoss.endedInStore(ledger, tombstone == null ? null : tombstone.reason());
    }

    // ---- states ----

    @Override
    public void settled(End end) {
        neverBackwards.settled(end);
        heldUntilReceived.settled(end);
        boundedMemory.settled(end);
        earlyTimers.settled(end);
    }

    @Override
    public void calm(World at) {
        drains.calm();
    }

    @Override
    public void over(World at) {
        nothingStays.over();
        eventGrammar.over();
    }
}
