package io.everwire.verification.simulation;

import io.everwire.Message;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedControlException;
import io.everwire.session.resume.ResumeOutput;
import io.everwire.session.resume.ServerResume;
import io.everwire.session.resume.ServerState;
import io.everwire.session.resume.SessionDesk;
import io.everwire.session.resume.SessionStore;
import io.everwire.session.resume.TextFraming;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Drives one session at a node. Its home is a queue of work, for what comes from elsewhere. */
final class ServerEnd extends End implements SessionDesk.Resident<Parcel> {
    final Node node;
    private final ServerResume<Parcel> engine;
    private final List<Link> links = new ArrayList<>(2);
    private final ArrayDeque<Runnable> work = new ArrayDeque<>();
    /** Whether the application was told of the end. */
    private boolean isEnded;

    boolean isFlooding;

    ServerEnd(Node node, ServerResume<Parcel> engine) {
        super(node.world);
        this.node = node;
        this.engine = engine;
    }

    // ---- its home ----

    /** Mostly this is where the engine may be touched; sometimes the work has to wait for its turn. */
    @Override
    public void run(Runnable task) {
        if (isDead) {
            return;
        }
        if (work.isEmpty() && !world.chance.oneIn(8)) {
            task.run();
            settle();
        } else {
            work.add(task);
            node.after(world.chance.micros(0, 400), this::runWaiting);
        }
    }

    private void runWaiting() {
        Runnable task = work.poll();
        if (task != null && !isDead) {
            task.run();
            settle();
        }
    }

    // ---- its connections ----

    void attach(Link link, long connection) {
        link.resident = this;
        link.connection = connection;
        links.add(link);
        if (!link.isServerOpen) {
            engine.handleDetached(connection, world.agenda.now());
        }
    }

    void handleGone(Link link) {
        engine.handleDetached(link.connection, world.agenda.now());
        settle();
    }

    void read(Link link, Pipe pipe) {
        long now = world.agenda.now();
        TextFraming.Kind kind = pipe.kind() == Pipe.BINARY ? TextFraming.Kind.DATA : kindOf(pipe);
        if (kind == TextFraming.Kind.CONTROL) {
            readControl(link, pipe, now);
            return;
        }
        int escape = kind == TextFraming.Kind.ESCAPED ? 1 : 0;
        Parcel parcel = world.parcelRead(pipe, escape);
        Ledger mine = ledger;
        if (engine.handleData(link.connection, pipe.length() - escape, now) && mine != null) {
            inbox.add(mine, engine.incarnation(), engine.received(), parcel);
            world.observer.received(this, link, mine, engine.received(), parcel);
        }
    }

    private void readControl(Link link, Pipe pipe, long now) {
        try {
            Control control = ControlCodec.parse(ByteBuffer.wrap(pipe.bytes, pipe.start(), pipe.length()));
            engine.handleControl(link.connection, control, now);
        } catch (MalformedControlException e) {
            engine.handleMalformed(link.connection, String.valueOf(e.getMessage()), now);
        }
    }

    private static TextFraming.Kind kindOf(Pipe pipe) {
        int start = pipe.start();
        int length = pipe.length();
        return TextFraming.kindOf(length, length > 0 ? pipe.bytes[start] : 1, length > 1 ? pipe.bytes[start + 1] : 1);
    }

    // ---- what the engine says ----

    @Override
    void perform(ResumeOutput output) {
        if (output instanceof ResumeOutput.Write write) {
            Link link = linkOf(write.connection());
            if (link != null) {
                world.observer.controlWritten(this, link, write.control());
                link.write(link.down, write.control());
            }
        } else if (output instanceof ResumeOutput.Drop drop) {
            Link link = linkOf(drop.connection());
            world.observer.dropped(this, link, drop.status());
            suspended();
            if (link != null) {
                link.flush(link.down);
                link.closeByServer(drop.status().code());
            }
        } else if (output instanceof ResumeOutput.Begun begun) {
            Ledger begins = world.ledger(begun.sid());
            ledger = begins;
            isAttached = true;
            world.observer.attached(this, begins, false, 0);
            inbox.tell(begins, Told.OPEN, null);
        } else if (output instanceof ResumeOutput.Resumed resumed) {
            Ledger goesOn = world.ledger(resumed.sid());
            ledger = goesOn;
            isAttached = true;
            world.observer.attached(this, goesOn, true, resumed.replayedOut());
            inbox.tell(goesOn, Told.RESUMED, null);
        } else if (output instanceof ResumeOutput.StoreWrite write) {
            store(write);
        } else {
            performEnd(output);
        }
    }

    private void performEnd(ResumeOutput output) {
        Ledger mine = world.ledger(engine.sid());
        isEnded = true;
        if (output instanceof ResumeOutput.Lost lost) {
            suspended();
            world.observer.lost(this, mine, lost.loss());
            if (ledger != null) {
                // The application of a session that was restored in vain has never heard of it.
                inbox.tell(mine, Told.LOST, lost.loss());
            }
        } else if (output instanceof ResumeOutput.Ended) {
            isAttached = false;
            world.observer.ended(this, mine);
            inbox.tell(mine, Told.ENDED, null);
            // The connection is closed behind the bye.
            for (Link link : links) {
                link.flush(link.down);
                link.closeByServer(1000);
            }
        }
    }

    private void store(ResumeOutput.StoreWrite write) {
        ShakyStore store = node.store;
        CompletionStage<SessionStore.Outcome> stage;
        if (write instanceof ResumeOutput.Append append) {
            stage = store.append(engine.sid(), append.epoch(), append.first(), messages(append));
        } else if (write instanceof ResumeOutput.Commit commit) {
            stage = store.commit(engine.sid(), commit.epoch(), commit.received(), commit.acknowledged());
        } else if (write instanceof ResumeOutput.End end) {
            SessionStore.Tombstone tombstone = end.tombstone() == ResumeOutput.End.NO_TOMBSTONE
                    ? null
                    : new SessionStore.Tombstone(end.loss().reason(), end.tombstone(), node.nowMillis());
            stage = store.end(engine.sid(), end.epoch(), tombstone);
        } else {
            stage = store.renew(engine.sid(), write.epoch(), node.nowMillis(), node.storeTtlMillis());
        }
        stage.whenComplete((outcome, error) -> run(() -> engine.handleStored(write, outcome, world.agenda.now())));
    }

    private List<Message> messages(ResumeOutput.Append append) {
        List<Message> messages = new ArrayList<>(append.messages().size());
        for (Object each : append.messages()) {
            if (each instanceof Parcel parcel) {
                messages.add(world.stored(parcel));
            }
        }
        return messages;
    }

    @Override
    void handleSettled() {
        for (Link link : links) {
            link.flush(link.down);
        }
        if (engine.isOver() && !isDead) {
            for (Link link : links) {
                if (link.isServerOpen) {
                    world.observer.leftOpen(this, link);
                    link.closeByServer(1000);
                }
            }
            if (isEnded) {
                node.forget(engine.sid(), this);
            }
        }
    }

    void die() {
        isDead = true;
        inbox.die();
        work.clear();
    }

    // ---- what a driver knows ----

    @Override
    public ServerResume<Parcel> engine() {
        return engine;
    }

    @Override
    boolean isClient() {
        return false;
    }

    @Override
    boolean isAsleep() {
        return node.isAsleep();
    }

    @Override
    long awakeAt() {
        return node.awakeAt();
    }

    @Override
    boolean isSlow() {
        return node.isSlow;
    }

    @Override
    @Nullable Link linkOf(long connection) {
        for (int i = links.size() - 1; i >= 0; i--) {
            if (links.get(i).connection == connection) {
                return links.get(i).isServerOpen ? links.get(i) : null;
            }
        }
        return null;
    }

    @Override
    Pipe outgoing(Link link) {
        return link.down;
    }

    @Override
    boolean mayDeliver(Inbox.Entry entry) {
        return entry.number() <= engine.deliverable();
    }

    @Override
    boolean isNeverDelivered(Inbox.Entry entry) {
        return engine.isOver();
    }

    @Override
    boolean isEnding() {
        return engine.state() == ServerState.ENDING || engine.isOver();
    }

    @Override
    boolean mayAccept() {
        return engine.state() == ServerState.ATTACHED
                || (engine.state() == ServerState.SUSPENDED && (isFlooding || world.plan.sendsWhileSuspended));
    }

    @Override
    int largestBytes() {
        return world.plan.largestDown;
    }

    @Override
    void handleTimer(long now) {
        engine.handleDeadline(now);
    }
}
