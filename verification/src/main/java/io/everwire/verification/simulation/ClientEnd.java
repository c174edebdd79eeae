package io.everwire.verification.simulation;

import io.everwire.session.resume.ClientResume;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedControlException;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.ResumeEngine;
import io.everwire.session.resume.ResumeOutput;
import io.everwire.session.resume.TextFraming;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Drives a client: dials, reads, gives up, and dials again. */
final class ClientEnd extends End implements Caller {
    /** A connection that ended without a close frame (RFC 6455 §7.1.5). */
    static final int ABNORMAL = 1006;

    static final String PATH = "/session";
    static final List<String> SUBPROTOCOLS = List.of("v2.example");
    private static final String SELECTION = "everwire.v1";

    final int index;
    final ReplayBudget budget;
    private final ClientResume<Parcel> engine;
    /** Connections that are open or were given up; the last is the newest. */
    final List<Link> links = new ArrayList<>();

    private long dialing = ResumeEngine.NO_DEADLINE;
    private boolean isClosing;
    boolean isStopped;
    private boolean hasSpoken;
    boolean isSlow;
    boolean isSuperseded;
    /** How long the network lets nobody dial. */
    private long offlineUntil;
    /** A node that the next attempt does not go to, if there is another. */
    private @Nullable Node avoided;

    /** The request that was sent last, as somebody may have seen it. */
    byte[] lastRequest = World.NOTHING;
    /** The secret of the session, as it was read from the hello: who saw the wire knows it. */
    byte @Nullable [] secret;

    ClientEnd(World world, int index) {
        super(world);
        this.index = index;
        budget = new ReplayBudget(world.plan.clientBudget);
        engine = new ClientResume<>(world.plan.clientPolicy, world.plan.clientPolicy.windowBytes(), budget);
    }

    @Override
    public String toString() {
        return "client " + index;
    }

    // ---- dialing ----

    void dialAfter(long nanos) {
        long due = Math.max(offlineUntil, world.agenda.now() + nanos);
        if (!isStopped && !isDead && due < dialing) {
            dialing = due;
            world.agenda.at(due, () -> {
                if (dialing == due) {
                    dial();
                }
            });
        }
    }

    /** The client has no network for a while. */
    void goOffline(long nanos) {
        offlineUntil = world.agenda.now() + nanos;
        Link link = newest();
        if (link != null) {
            link.mute(true, true);
        }
    }

    void avoid(Node node) {
        avoided = node;
    }

    void goOnline() {
        offlineUntil = 0;
        if (dialing != ResumeEngine.NO_DEADLINE) {
            dialing = ResumeEngine.NO_DEADLINE;
            dialAfter(world.chance.millis(0, 500));
        }
    }

    /** Dials a node. Whatever was there before is detached by the offer; its connection is closed when the new one is ready. */
    void dial() {
        dialing = ResumeEngine.NO_DEADLINE;
        if (isStopped || isDead) {
            return;
        }
        if (world.agenda.now() < offlineUntil) {
            dialAfter(0);
            return;
        }
        if (isClosing) {
            // The application wanted the end, and nobody is left to be told.
            closed();
            return;
        }
        long now = world.agenda.now();
        Offer offer = engine.offer(world.chance.next(), PATH, SUBPROTOCOLS, now);
        Node node = world.nodeFor(avoided);
        avoided = null;
        Link link = new Link(world, this, node, engine.attempt());
        links.add(link);
        world.links.add(link);
        world.observer.offered(this, link, offer);
        Offer sent = world.plan.isBrowser ? world.strangers.asBrowser(this, offer) : offer;
        String request = String.join(", ", SELECTION, sent.token(), SUBPROTOCOLS.get(0));
        lastRequest = request.getBytes(StandardCharsets.US_ASCII);
        link.up.write(Pipe.REQUEST, 0, lastRequest, 0);
        world.faults.handleDialed(link);
        link.flush(link.up);
        world.agenda.after(world.chance.millis(600, 5_000), () -> handleOverdue(link));
        settle();
    }

    /** The opening took too long: the attempt is given up, though its request may still arrive. */
    private void handleOverdue(Link link) {
        if (!link.hasHello && link.isClientOpen) {
            abandon(link);
        }
    }

    /** Leaves a connection without a word, and comes again. */
    void abandon(Link link) {
        link.closeByClient(ABNORMAL);
        ended(link, ABNORMAL);
    }

    // ---- reading ----

    @Override
    public void receive(Link link) {
        Pipe pipe = link.down;
        boolean isRead = false;
        while (link.isClientOpen && pipe.hasEnvelope()) {
            read(link, pipe);
            pipe.next();
            isRead = true;
            settle();
        }
        if (!isRead) {
            settle();
        }
    }

    private void read(Link link, Pipe pipe) {
        long now = world.agenda.now();
        switch (pipe.kind()) {
            case Pipe.RESPONSE -> {
                link.isUpgraded = true;
                engine.handleSelected(link.attempt, now);
            }
            case Pipe.CLOSE -> {
                int code = pipe.id();
                link.closeByClient(code);
                ended(link, code);
            }
            default -> {
                if (link.hasHello) {
                    readMessage(link, pipe, now);
                } else {
                    readFirst(link, pipe, now);
                }
            }
        }
    }

    private void readFirst(Link link, Pipe pipe, long now) {
        Control first = pipe.kind() == Pipe.TEXT && kindOf(pipe) == TextFraming.Kind.CONTROL ? parse(pipe) : null;
        world.observer.firstHeard(this, link, first);
        link.hasHello = true;
        ClientResume.Verdict verdict = engine.handleFirst(link.attempt, first, hasSpoken, now);
        settle();
        if (verdict == ClientResume.Verdict.SESSION) {
            hasSpoken = true;
            if (first instanceof Control.Hello hello && hello.secret() != null) {
                secret = hello.secret();
            }
            leaveOthers(link);
        } else {
            link.closeByClient(ABNORMAL);
            dialAfter(world.chance.millis(10, 800));
        }
    }

    /** Make before break: the others are closed once this one is ready. */
    private void leaveOthers(Link ready) {
        for (Link link : links) {
            if (link != ready) {
                link.closeByClient(1000);
            }
        }
    }

    private void readMessage(Link link, Pipe pipe, long now) {
        TextFraming.Kind kind = pipe.kind() == Pipe.BINARY ? TextFraming.Kind.DATA : kindOf(pipe);
        if (kind == TextFraming.Kind.CONTROL) {
            Control control = parse(pipe);
            if (control == null) {
                engine.handleMalformed(link.attempt, "malformed", now);
            } else {
                engine.handleControl(link.attempt, control, now);
            }
            return;
        }
        int escape = kind == TextFraming.Kind.ESCAPED ? 1 : 0;
        Parcel parcel = world.parcelRead(pipe, escape);
        Ledger mine = ledger;
        if (engine.handleData(link.attempt, pipe.length() - escape, now) && mine != null) {
            inbox.add(mine, engine.incarnation(), engine.received(), parcel);
            world.observer.received(this, link, mine, engine.received(), parcel);
        }
    }

    private static TextFraming.Kind kindOf(Pipe pipe) {
        int start = pipe.start();
        int length = pipe.length();
        return TextFraming.kindOf(length, length > 0 ? pipe.bytes[start] : 1, length > 1 ? pipe.bytes[start + 1] : 1);
    }

    private static @Nullable Control parse(Pipe pipe) {
        try {
            return ControlCodec.parse(ByteBuffer.wrap(pipe.bytes, pipe.start(), pipe.length()));
        } catch (MalformedControlException e) {
            return null;
        }
    }

    // ---- the end of a connection ----

    @Override
    public void handleWritable() {
        settle();
    }

    /** The connection has ended under the client. */
    @Override
    public void handleGone(Link link, int code) {
        if (link.isClientOpen && !isDead) {
            link.closeByClient(code);
            ended(link, code);
            settle();
        }
    }

    private void ended(Link link, int code) {
        long now = world.agenda.now();
        boolean isStop = engine.handleClosed(link.attempt, code, now);
        world.observer.closed(this, link, code);
        engine.handleDetached(link.attempt, now);
        settle();
        if (isStop) {
            stop();
        } else if (links.get(links.size() - 1) == link) {
            dialAfter(world.chance.oneIn(3) ? 0 : world.chance.millis(1, 2_500));
        }
    }

    private void stop() {
        isStopped = true;
        for (Link link : links) {
            link.closeByClient(1000);
        }
        world.succeed(this);
    }

    // ---- what the application does ----

    /** The application ends the session. */
    void close() {
        if (isStopped || isDead || isClosing) {
            return;
        }
        isClosing = true;
        if (engine.connection() == 0) {
            closed();
            return;
        }
        engine.bye(1000, "done");
        settle();
    }

    private void closed() {
        Ledger mine = ledger;
        world.observer.closedByItself(this, engine.account(io.everwire.LossReason.ENDED));
        engine.close();
        if (mine != null) {
            inbox.tell(mine, Told.CLOSED, null);
            ledger = null;
        }
        isAttached = false;
        stop();
        settle();
    }

    /** The process dies; a new one knows nothing of its session. */
    void die() {
        isDead = true;
        inbox.die();
        for (Link link : links) {
            if (link.isClientOpen) {
                link.isClientOpen = false;
                link.cut();
            }
        }
    }

    // ---- what the engine says ----

    @Override
    void perform(ResumeOutput output) {
        if (output instanceof ResumeOutput.Write write) {
            Link link = linkOf(write.connection());
            if (link != null) {
                world.observer.controlWritten(this, link, write.control());
                link.write(link.up, write.control());
            }
        } else if (output instanceof ResumeOutput.Drop drop) {
            dropped(drop);
        } else if (output instanceof ResumeOutput.Begun begun) {
            Ledger begins = world.ledger(begun.sid());
            ledger = begins;
            isAttached = true;
            world.observer.attached(this, begins, false, 0);
            inbox.tell(begins, Told.OPEN, null);
        } else if (output instanceof ResumeOutput.Resumed resumed) {
            Ledger goesOn = world.ledger(resumed.sid());
            isAttached = true;
            world.observer.attached(this, goesOn, true, resumed.replayedOut());
            inbox.tell(goesOn, Told.RESUMED, null);
        } else if (output instanceof ResumeOutput.Moved moved) {
            dialAfter((moved.afterMillis() + world.chance.below((int) moved.windowMillis() + 1)) * 1_000_000L);
        } else {
            performEnd(output);
        }
    }

    private void performEnd(ResumeOutput output) {
        Ledger mine = ledger;
        if (mine == null) {
            return;
        }
        if (output instanceof ResumeOutput.Lost lost) {
            suspended();
            world.observer.lost(this, mine, lost.loss());
            inbox.tell(mine, Told.LOST, lost.loss());
            ledger = null;
        } else if (output instanceof ResumeOutput.Ended) {
            world.observer.ended(this, mine);
            inbox.tell(mine, Told.ENDED, null);
            ledger = null;
            isAttached = false;
            stop();
        }
    }

    private void dropped(ResumeOutput.Drop drop) {
        Link link = linkOf(drop.connection());
        world.observer.dropped(this, link, drop.status());
        suspended();
        if (link != null) {
            link.closeByClient(drop.status().code());
            ended(link, drop.status().code());
        }
    }

    // ---- what a driver knows ----

    @Override
    ClientResume<Parcel> engine() {
        return engine;
    }

    @Override
    boolean isClient() {
        return true;
    }

    @Override
    boolean isAsleep() {
        return false;
    }

    @Override
    long awakeAt() {
        return world.agenda.now();
    }

    @Override
    boolean isSlow() {
        return isSlow;
    }

    @Override
    @Nullable Link linkOf(long connection) {
        for (int i = links.size() - 1; i >= 0; i--) {
            if (links.get(i).attempt == connection) {
                return links.get(i).isClientOpen ? links.get(i) : null;
            }
        }
        return null;
    }

    @Override
    Pipe outgoing(Link link) {
        return link.up;
    }

    /** The last connection that was dialed and is open. */
    @Nullable Link newest() {
        Link last = links.isEmpty() ? null : links.get(links.size() - 1);
        return last != null && last.isClientOpen ? last : null;
    }

    @Override
    boolean mayDeliver(Inbox.Entry entry) {
        return entry.incarnation() < engine.incarnation() || entry.number() <= engine.deliverable();
    }

    @Override
    boolean isNeverDelivered(Inbox.Entry entry) {
        return false;
    }

    @Override
    boolean isEnding() {
        return engine.isOver();
    }

    @Override
    boolean mayAccept() {
        return engine.state() == ClientResume.State.ATTACHED;
    }

    @Override
    int largestBytes() {
        return world.plan.largestUp;
    }

    @Override
    void handleSettled() {
        Link link = newest();
        if (link != null) {
            link.flush(link.up);
        }
    }

    @Override
    void handleTimer(long now) {
        if (engine.isHelloLate(now)) {
            engine.handleNoHello(engine.attempt(), hasSpoken, now);
            Link link = newest();
            if (link != null) {
                link.closeByClient(ABNORMAL);
            }
            dialAfter(world.chance.millis(10, 800));
        }
        engine.handleDeadline(now);
    }
}
