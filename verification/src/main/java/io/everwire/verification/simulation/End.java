package io.everwire.verification.simulation;

import io.everwire.session.resume.ResumeEngine;
import io.everwire.session.resume.ResumeOutput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The driver of one engine: does what the engine says, in the order that {@link ResumeEngine} asks for, and nothing of its own. */
abstract class End {
    final World world;
    final Inbox inbox;
    /** What the application has sent and the window holds back. */
    final ArrayDeque<Parcel> outbox = new ArrayDeque<>();

    @Nullable Ledger ledger;

    private long timerAt = ResumeEngine.NO_DEADLINE;
    private boolean isSettling;
    /** Whether the application was told that the session has a connection. */
    boolean isAttached;

    boolean isDead;
    /** What checkers remember of it. */
    final NeverBackwards.Marks marks = new NeverBackwards.Marks();

    long lastDelivered;

    @Nullable Link newest;

    @Nullable Ledger toldOf;

    boolean isToldOpen;
    boolean isToldSuspended;
    /** What this end itself has accepted, where former owners may have accepted others. */
    final List<Parcel> accepted = new ArrayList<>(0);

    End(World world) {
        this.world = world;
        inbox = new Inbox(world, this);
        world.everyEnd.add(this);
    }

    abstract ResumeEngine<Parcel> engine();

    abstract boolean isClient();

    abstract boolean isAsleep();

    abstract long awakeAt();

    abstract boolean isSlow();

    abstract @Nullable Link linkOf(long connection);

    abstract Pipe outgoing(Link link);

    abstract void perform(ResumeOutput output);

    abstract boolean mayDeliver(Inbox.Entry entry);

    abstract boolean isNeverDelivered(Inbox.Entry entry);

    /** What is done after each round besides: whether anything was. */
    abstract void handleSettled();

    /** The most bytes that a message of this end may have. */
    abstract int largestBytes();

    /** Lets the application send a message. */
    final void send() {
        if (outbox.size() < World.MOST_QUEUED) {
            outbox.add(world.parcel(largestBytes(), isClient()));
        }
    }

    /** Does all that the engine says now, lets the application take what it takes, and sets the timer. */
    final void settle() {
        if (isSettling || isDead) {
            return;
        }
        isSettling = true;
        do {
            drain();
        } while (inbox.pump() || accept());
        isSettling = false;
        handleSettled();
        if (!isDead) {
            world.observer.settled(this);
            armTimer();
        }
    }

    private void drain() {
        ResumeEngine<Parcel> engine = engine();
        for (ResumeOutput output = engine.poll(); output != null; output = engine.poll()) {
            perform(output);
        }
        long connection = engine.connection();
        Link link = linkOf(connection);
        if (link != null) {
            Pipe pipe = outgoing(link);
            while (link.isWritable(pipe) && engine.hasData(connection)) {
                Parcel parcel = engine.pollData(connection);
                if (parcel != null) {
                    world.observer.written(this, link, engine.written(), parcel);
                    link.write(pipe, parcel);
                }
            }
            link.flush(pipe);
        }
        if (isAttached && connection == 0) {
            suspended();
        }
    }

    /** Accepts one message that waits, if there is room. */
    private boolean accept() {
        Parcel parcel = outbox.peek();
        ResumeEngine<Parcel> engine = engine();
        Ledger mine = ledger;
        if (parcel == null || mine == null || !mayAccept()) {
            return false;
        }
        if (parcel.body.bytes.length > engine.largestBytes()) {
            // It would never fit: the application is told so when it sends.
            outbox.remove();
            return accept();
        }
        boolean wasEnding = isEnding();
        if (!engine.hasRoom(parcel.body.bytes.length)) {
            // A server's session that has no client and no room ends by the asking.
            return isEnding() != wasEnding;
        }
        outbox.remove();
        parcel.number = engine.accept(parcel, parcel.body.bytes.length, world.agenda.now());
        parcel.ledger = mine;
        world.observer.accepted(this, mine, parcel);
        return true;
    }

    abstract boolean isEnding();

    abstract boolean mayAccept();

    final void suspended() {
        Ledger mine = ledger;
        if (isAttached && mine != null) {
            isAttached = false;
            inbox.tell(mine, Told.SUSPENDED, null);
            world.observer.suspended(this, mine);
        }
    }

    private void armTimer() {
        long due = engine().deadlineNanos();
        if (due != ResumeEngine.NO_DEADLINE && due < timerAt) {
            timerAt = due;
            world.agenda.at(due, new Timer(due));
        }
    }

    /** Calls the engine when its deadline has come, or a little later. */
    private final class Timer implements Step {
        private final long due;

        Timer(long due) {
            this.due = due;
        }

        @Override
        public void run() {
            if (isDead || due != timerAt) {
                return;
            }
            if (isAsleep()) {
                world.agenda.at(awakeAt(), this);
                return;
            }
            timerAt = ResumeEngine.NO_DEADLINE;
            handleTimer(world.agenda.now());
            settle();
        }
    }

    abstract void handleTimer(long now);
}
