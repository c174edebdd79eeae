package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.LossReason;
import io.everwire.ResumePolicy;
import io.everwire.SessionEvent;
import io.everwire.SessionLoss;
import io.everwire.session.resume.ClientResume;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.ResumeOutput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a client does to resume its session: offers it with every upgrade, waits for the hello before anything is told or prepared,
 * and goes on as a plain client where the server does not speak {@code everwire.v1}.
 *
 * <p><b>Thread safety.</b> The session's event loop only.
 */
final class ClientResumption implements ResumeHost {
    /** A preparation that is of no concern here: of a plain connection. */
    static final long NO_TICKET = 0;

    private static final long NEVER = Long.MIN_VALUE;
    private static final ReplayBudget UNLIMITED = new ReplayBudget(Long.MAX_VALUE / 2);

    private final ClientSession session;
    private final ClientResume<Send> engine;
    private final ResumeLink link;
    /** Null while nothing outlives the connection. */
    private volatile @Nullable String sessionId;

    private @Nullable ConnectRequest request;
    private @Nullable Connection awaiting;
    private @Nullable Connection carrier;
    private @Nullable Connection leaving;
    /** The move that was asked for last, until its time has come. */
    private @Nullable Future<?> pendingMove;

    private SessionEvent.@Nullable Open heldOpen;
    private ResumeOutput.@Nullable Resumed resumed;
    private @Nullable String protocol;
    private long carried;
    private long suspendedNanos = NEVER;
    private boolean isOffered;
    /** How often onReady was called for a session that can be resumed, and the call that prepares this one. */
    private long preparations;

    private long preparing = NO_TICKET;
    private boolean isPrepared;
    private boolean isReadyTold;
    /** What had moved when the present connection took the session over. */
    private long movedBefore = NEVER;

    ClientResumption(ClientSession session, ResumePolicy policy) {
        this.session = session;
        engine = new ClientResume<>(policy, session.limits().messageBytes(), UNLIMITED);
        link = new ResumeLink(session, engine, this, session.limits().messageBytes());
        session.useLink(link);
    }

    @Nullable String sessionId() {
        return sessionId;
    }

    /** Tells whether the server has agreed to this. */
    boolean isAgreedOn(Handshake handshake) {
        return isOffered && Offer.SUBPROTOCOL.equals(handshake.subprotocol());
    }

    /** Returns what the upgrade request offers; the session's present connection is detached by it. */
    List<String> offer(ConnectRequest wanted) {
        request = wanted;
        long now = RealClock.nanos();
        isOffered = engine.sid() != null || !SpokenOrigins.SHARED.isPlain(wanted, now);
        if (!isOffered) {
            return wanted.subprotocols();
        }
        String path = wanted.uri().getRawPath();
        Offer offer = engine.offer(
                MaskingKeys.drawLong(), path == null || path.isEmpty() ? "/" : path, wanted.subprotocols(), now);
        link.settle();
        List<String> offered = new ArrayList<>(List.of(Offer.SUBPROTOCOL, offer.token()));
        offered.addAll(wanted.subprotocols());
        return offered;
    }

    /** Looks at what the server has selected. */
    void handleUpgraded(Connection fresh) {
        Handshake handshake = fresh.handshake();
        long now = RealClock.nanos();
        Connection old = carrier;
        if (old != null) {
            // A move: the server has detached it already, and closes it too.
            old.close(new CloseStatus(CloseCode.GOING_AWAY, "moved"));
        }
        if (isOffered && Offer.SUBPROTOCOL.equals(handshake.subprotocol())) {
            carrier = fresh;
            carried = engine.attempt();
            awaiting = fresh;
            link.bind(carried, fresh);
            engine.handleSelected(carried, now);
        } else {
            link.unbind();
            if (isOffered) {
                engine.handleNotSelected(engine.attempt(), now);
            }
        }
        link.settle();
    }

    /** A move has failed. Behind its offer nothing counts any more that comes on the old connection, so that is given up. */
    void handleMoveFailed() {
        Connection old = carrier;
        if (old != null && engine.state() == ClientResume.State.OFFERED) {
            leaving = old;
            old.close(new CloseStatus(CloseCode.GOING_AWAY, "coming back, for a move has failed"));
        }
    }

    /** Tells whether nothing may be told or prepared yet. */
    boolean awaitsVerdict() {
        return awaiting != null;
    }

    /** Tells whether an upgrade with an offer is outstanding, or its hello is. */
    boolean isOffering() {
        return engine.state() == ClientResume.State.OFFERED;
    }

    /** Returns the ticket of a call of onReady for the session, which any of its connections may see the end of. */
    long beginPreparing() {
        preparing = engine.sid() == null ? NO_TICKET : ++preparations;
        return preparing;
    }

    /** The application has prepared the session, once for all its connections. Returns whether it is still this session. */
    boolean handlePrepared(long ticket) {
        boolean isPresent = ticket == preparing;
        if (isPresent) {
            preparing = NO_TICKET;
            isPrepared = true;
        }
        return isPresent && engine.state() == ClientResume.State.ATTACHED;
    }

    /** The application could not prepare the session: on the next connection it is asked again. */
    boolean handleUnprepared(long ticket) {
        boolean isPresent = ticket == preparing;
        if (isPresent) {
            preparing = NO_TICKET;
        }
        return isPresent && engine.state() == ClientResume.State.ATTACHED;
    }

    /** The application has taken too long. */
    void giveUpPreparing() {
        preparing = NO_TICKET;
    }

    /** Says what an event of a connection means to the session, null for nothing. */
    @Nullable SessionEvent translate(SessionEvent event) {
        if (event instanceof SessionEvent.Open open && awaiting != null) {
            heldOpen = open;
            return null;
        }
        ResumeOutput.Resumed again = resumed;
        if (event instanceof SessionEvent.Ready && again != null) {
            return tellable(event.epoch(), again);
        }
        isReadyTold |= event instanceof SessionEvent.Ready;
        if (event instanceof SessionEvent.Reconnected && again != null) {
            resumed = null;
            return null;
        }
        if (event instanceof SessionEvent.Lost lost) {
            resumed = null;
            if (heldOpen != null) {
                // It never became a connection of the session, so there is nothing to be told to be lost, unless the
                // session has
                // moved here from one that was never told to be lost either.
                heldOpen = null;
                if (engine.sid() == null || suspendedNanos != NEVER) {
                    return null;
                }
            }
            if (engine.sid() == null) {
                return lost;
            }
            suspendedNanos = suspendedNanos == NEVER ? RealClock.nanos() : suspendedNanos;
            return new SessionEvent.Suspended(lost.epoch(), lost.cause());
        }
        return event;
    }

    private SessionEvent.Resumed tellable(int epoch, ResumeOutput.Resumed again) {
        Duration outage = Duration.ofNanos(suspendedNanos == NEVER ? 0 : RealClock.nanos() - suspendedNanos);
        suspendedNanos = NEVER;
        return new SessionEvent.Resumed(epoch, outage, again.replayedIn(), again.replayedOut());
    }

    /** Tells whether messages have moved, either way, on a connection that has resumed the session. */
    boolean hasMoved(Connection on) {
        return on == carrier && movedBefore != NEVER && engine.received() + engine.confirmed() > movedBefore;
    }

    /** Takes the end of a connection and says what the reconnect engine is to make of it. */
    Failure handleEnd(Connection ended, Connection.Ending ending) {
        Failure failure = ending.failure();
        if (ended != carrier) {
            return failure;
        }
        long now = RealClock.nanos();
        CloseStatus status = failure.closeStatus();
        if (status != null && failure.kind() != Failure.Kind.CLOSED_BY_US) {
            engine.handleClosed(carried, status.code(), now);
        }
        if (ended == awaiting && !engine.isOver()) {
            awaiting = null;
            engine.handleAbandoned(carried, now);
        }
        engine.handleDetached(carried, now);
        link.settle();
        carrier = null;
        movedBefore = NEVER;
        link.unbind();
        boolean isMoving = ended == leaving;
        leaving = null;
        return isMoving || keepsSession(failure)
                ? Failure.of(Failure.Kind.CONNECTION_LOST, failure.message())
                : failure;
    }

    /** Without a bye no close ends a session: 1000 suspends it as a cut cable does, and so does what was failed. */
    private static boolean keepsSession(Failure failure) {
        CloseStatus status = failure.closeStatus();
        if (failure.kind() == Failure.Kind.PROTOCOL) {
            return true;
        }
        return failure.kind() == Failure.Kind.CLOSED_BY_PEER
                && status != null
                && switch (status.code()) {
                    case CloseCode.NORMAL,
                            CloseCode.PROTOCOL_ERROR,
                            CloseCode.UNSUPPORTED,
                            CloseCode.INVALID_PAYLOAD,
                            CloseCode.TOO_LARGE,
                            CloseCode.MANDATORY_EXTENSION -> true;
                    default -> false;
                };
    }

    /** Tells whether the client must not come back. */
    boolean isOver() {
        return engine.isOver();
    }

    /** The application ends the session; the peer is told behind everything that was sent. */
    void endWith(CloseStatus status) {
        link.endWith(status);
    }

    // ---- ResumeHost ----

    @Override
    public boolean admitsWhileSuspended() {
        return false;
    }

    @Override
    public boolean awaitsHello(Connection connection) {
        return connection == awaiting;
    }

    @Override
    public void handleHello(Control.Hello hello) {
        protocol = hello.protocol();
    }

    @Override
    public boolean handleFirst(Connection connection, @Nullable Control first) {
        ConnectRequest asked = request;
        boolean hasSpoken = asked != null && SpokenOrigins.SHARED.isSpeaker(asked);
        return handleVerdict(engine.handleFirst(carried, first, hasSpoken, RealClock.nanos()));
    }

    /** Returns whether the connection is one of the protocol, or none any more. */
    private boolean handleVerdict(ClientResume.Verdict verdict) {
        Connection judged = awaiting;
        ConnectRequest asked = request;
        awaiting = null;
        if (judged == null || asked == null) {
            return true;
        }
        switch (verdict) {
            case SESSION -> SpokenOrigins.SHARED.noteSpeaker(asked);
            case PLAIN -> {
                SpokenOrigins.SHARED.notePlain(asked, RealClock.nanos());
                link.unbind();
                carrier = null;
                tellOpen(judged.handshake());
                session.startPreparing(judged.epoch);
                return false;
            }
            case FAILED -> {
                link.settle();
                if (judged.isOpen()) {
                    judged.abort(Failure.of(
                            Failure.Kind.CONNECTION_LOST,
                            "the server selected everwire.v1 and sent no valid hello within 2 s"));
                }
            }
        }
        return true;
    }

    private void tellOpen(Handshake handshake) {
        SessionEvent.Open open = heldOpen;
        heldOpen = null;
        if (open != null) {
            session.tell(new SessionEvent.Open(open.epoch(), handshake));
        }
    }

    @Override
    public void handleBegun(ResumeOutput.Begun begun) {
        Connection current = carrier;
        if (current == null) {
            return;
        }
        isPrepared = false;
        isReadyTold = false;
        // A move is told as resumed, but neither lost nor reconnected: nothing of it is left for the next session.
        resumed = null;
        preparing = NO_TICKET;
        movedBefore = NEVER;
        suspendedNanos = NEVER;
        session.shutQueue("a new session begins");
        sessionId = begun.sid().toString();
        Handshake agreed = current.handshake().withSubprotocol(protocol);
        current.showHandshake(agreed);
        tellOpen(agreed);
        session.startPreparing(current.epoch);
    }

    @Override
    public void handleResumed(ResumeOutput.Resumed output) {
        Connection current = carrier;
        if (current == null) {
            return;
        }
        heldOpen = null;
        movedBefore = engine.received() + engine.confirmed();
        current.showHandshake(current.handshake().withSubprotocol(protocol));
        if (isReadyTold) {
            resumed = output;
        } else {
            // The connection was lost before onReady had done its work, which it may have done meanwhile, or go on
            // with.
            session.tell(tellable(current.epoch, output));
        }
        if (isPrepared) {
            session.handleResumed(current.epoch);
        } else if (preparing == NO_TICKET) {
            session.startPreparing(current.epoch);
        }
    }

    @Override
    public void handleLost(SessionLoss loss) {
        isPrepared = false;
        resumed = null;
        preparing = NO_TICKET;
        session.shutQueue("the session was lost");
        sessionId = null;
        session.tell(new SessionEvent.SessionLost(session.epoch(), loss));
        if (loss.reason() == LossReason.TAKEN_OVER) {
            session.tell(new SessionEvent.TakenOver(session.epoch()));
        }
    }

    @Override
    public void handleEnded(ResumeOutput.Ended ended) {
        // The closing handshake follows; its end is the session's. Behind a bye nothing is written, past the session
        // neither.
        session.shutQueue("the session has ended");
        sessionId = null;
    }

    @Override
    public void handleMoved(ResumeOutput.Moved moved) {
        Connection left = carrier;
        long wait = moved.afterMillis() + ThreadLocalRandom.current().nextLong(moved.windowMillis() + 1);
        Future<?> earlier = pendingMove;
        if (earlier != null) {
            // What the server has said last counts, and however much it says, one of it waits.
            earlier.cancel(false);
        }
        pendingMove = session.loop()
                .schedule(
                        () -> {
                            if (left != null && left == carrier) {
                                session.move(moved.url());
                            }
                        },
                        wait,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void handleStoreWrite(ResumeOutput.StoreWrite write) {
        throw new AssertionError("a client has no store");
    }

    @Override
    public void handleDrop(ResumeOutput.Drop drop, @Nullable Connection connection) {
        if (connection != null) {
            connection.fail(Failure.Kind.PROTOCOL, drop.status());
        }
    }

    @Override
    public void handleDeadline(long now) {
        ConnectRequest asked = request;
        if (awaiting != null && asked != null && engine.isHelloLate(now)) {
            handleVerdict(engine.handleNoHello(carried, SpokenOrigins.SHARED.isSpeaker(asked), now));
        }
    }
}
