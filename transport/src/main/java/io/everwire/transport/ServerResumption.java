package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.SessionEvent;
import io.everwire.SessionLoss;
import io.everwire.SessionState;
import io.everwire.session.resume.CloseCodes;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.ResumeOutput;
import io.everwire.session.resume.ServerResume;
import io.everwire.session.resume.ServerState;
import io.everwire.session.resume.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server's session does to outlive its connections: takes one after the other, waits in between, asks the store, and tells the
 * application.
 *
 * <p><b>Thread safety.</b> The session's event loop only.
 */
final class ServerResumption implements ResumeHost {
    private static final Logger LOG = LoggerFactory.getLogger(ServerResumption.class);

    private final ServerSession session;
    private final SessionHouse house;
    private final Lodger lodger;
    private final ServerResume<Send> engine;
    private final ResumeLink link;
    /** Null while nothing has happened to the session but that it began. */
    private @Nullable SessionCourse course;

    private int lastEpoch = 1;
    private boolean isDetached;
    private boolean isPrepared;
    private boolean isPreparing;
    private boolean isFinished;

    ServerResumption(ServerSession session, Lodger lodger, SessionHouse house) {
        this.session = session;
        this.lodger = lodger;
        this.house = house;
        engine = lodger.engine;
        link = new ResumeLink(session, engine, this, session.limits().messageBytes());
    }

    ResumeLink link() {
        return link;
    }

    int lastEpoch() {
        return lastEpoch;
    }

    void settle() {
        link.settle();
    }

    private SessionCourse course() {
        SessionCourse kept = course;
        if (kept == null) {
            kept = new SessionCourse();
            course = kept;
        }
        return kept;
    }

    private @Nullable CloseStatus closeAsked() {
        return course == null ? null : course.closeAsked;
    }

    private @Nullable CloseStatus retiring() {
        return course == null ? null : course.retiring;
    }

    // ---- connections ----

    /** Takes a connection in the place of the one before, whether or not that was noticed dead. */
    void take(long number, Connection connection) {
        lastEpoch = connection.epoch;
        Connection old = session.connection();
        if (old != null) {
            course().displaced = old;
            suspend(old, Failure.of(Failure.Kind.CONNECTION_LOST, "another connection has taken the session over"));
        }
        if (course != null) {
            course.moving = null;
        }
        link.bind(number, connection);
        session.attach(connection);
    }

    void handleEnd(Connection connection, Connection.Ending ending) {
        if (connection != session.connection()) {
            return;
        }
        engine.handleDetached(connection.epoch, RealClock.nanos());
        suspend(connection, ending.failure());
        goOnWithout(ending.failure());
    }

    /** Forgets the connection; the engine has done so. */
    private void suspend(Connection connection, Failure cause) {
        session.detach(connection, cause.message());
        SessionCourse here = course();
        here.lostNanos = RealClock.nanos();
        if (!engine.isOver() && here.closeAsked == null) {
            noteDetached(true);
            boolean isMoving = connection == here.moving && here.lostNanos - here.movingUntilNanos <= 0;
            // Whoever moved as it was asked to was never away.
            if (!isMoving || here.displaced != connection) {
                session.transitionTo(SessionState.SUSPENDED);
                here.heldSuspended = new SessionEvent.Suspended(connection.epoch, cause);
                // The store may know already that it moves to here; whether it did is not known before the claim has
                // come.
                if (!isMoving || engine.state() != ServerState.DISPUTED) {
                    tellSuspended();
                }
            }
        }
        here.tellLeft();
    }

    private void tellSuspended() {
        SessionEvent.Suspended held = course == null ? null : course.heldSuspended;
        if (held != null) {
            course().heldSuspended = null;
            session.tell(held);
        }
    }

    private void goOnWithout(Failure cause) {
        CloseStatus bye = course().byeHeard;
        CloseStatus asked = closeAsked();
        if (engine.isOver() && bye != null) {
            finish(asked == null ? bye : asked, true, cause);
            return;
        }
        if (asked != null) {
            engine.close();
        }
        link.settle();
        retireDetached();
    }

    private void noteDetached(boolean isSo) {
        if (isDetached != isSo) {
            isDetached = isSo;
            house.noteDetached(isSo ? 1 : -1);
        }
    }

    // ---- the application's wishes ----

    boolean isPrepared() {
        return isPrepared;
    }

    /** {@code onReady} has completed, whatever has become of the connection meanwhile. */
    void handlePrepared() {
        if (isFinished || closeAsked() != null || isPrepared) {
            return;
        }
        isPrepared = true;
        if (session.state() == SessionState.READYING) {
            session.transitionTo(SessionState.OPEN);
        }
        session.openQueue();
        session.tell(new SessionEvent.Ready(session.epoch()));
    }

    /** Ends the session: with a bye that the client answers, or by a tombstone when it is not there. */
    void close(CloseStatus status) {
        if (closeAsked() != null || (retiring() != null && house.isDurable())) {
            // What a handler does that was told of the stop must not end the session of the next owner.
            return;
        }
        course().closeAsked = status;
        noteDetached(false);
        session.transitionTo(SessionState.CLOSING);
        Connection connection = session.connection();
        if (connection == null) {
            engine.close();
            link.settle();
        } else {
            sayGoodbye(connection, status);
        }
    }

    private void sayGoodbye(Connection connection, CloseStatus status) {
        link.endWith(status);
        connection.pump();
        long patienceNanos = session.limits().closeTimeout().toNanos();
        session.loop().schedule(() -> connection.close(status), patienceNanos, TimeUnit.NANOSECONDS);
    }

    /** Asks the client to move. */
    void move(Control.Move asked) {
        Connection connection = session.connection();
        if (connection != null && connection.isOpen() && closeAsked() == null && retiring() == null) {
            long patienceMillis = asked.afterMillis()
                    + asked.windowMillis()
                    + session.limits().closeTimeout().toMillis();
            course().moving = connection;
            course().movingUntilNanos = RealClock.nanos() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
            engine.move(asked.afterMillis(), asked.windowMillis(), asked.url());
            link.settle();
        }
    }

    /** Asks the client to move; the stage completes when the connection of this moment is not the session's any more. */
    void moveAway(Control.Move asked, CompletableFuture<Void> left) {
        Connection connection = session.connection();
        if (connection == null || !connection.isOpen()) {
            left.complete(null);
            return;
        }
        course().awaitLeft(left);
        move(asked);
    }

    /** Closes the connection without a bye, which suspends the session. */
    void leave(CloseStatus status, CompletableFuture<Void> left) {
        Connection connection = session.connection();
        if (connection == null) {
            left.complete(null);
        } else {
            course().awaitLeft(left);
            connection.close(status);
        }
    }

    /** Ends this process's part of a session that was opened while the others were ended. */
    void retireIfLate() {
        CloseStatus status = house.closing();
        if (status != null) {
            retire(status);
        }
    }

    /** Ends this process's part of the session. */
    void retire(CloseStatus status) {
        if (retiring() == null) {
            course().retiring = status;
            awaitQuiet();
            Connection connection = session.connection();
            if (connection != null) {
                connection.close(status);
            } else {
                retireDetached();
            }
        }
    }

    /** Lets the handler that runs return, so that its message is committed, and gives it no other. */
    private void awaitQuiet() {
        if (!house.commitsAfterHandler()) {
            course().isWaitedFor = true;
            return;
        }
        session.reception().withhold();
        session.callbacks()
                .run(() -> session.onLoop(() -> {
                    course().isQuiet = true;
                    retireDetached();
                }));
        long patienceNanos = session.limits().closeTimeout().toNanos();
        session.loop().schedule(this::handleNeverQuiet, patienceNanos, TimeUnit.NANOSECONDS);
    }

    private void handleNeverQuiet() {
        if (!isFinished) {
            LOG.warn(
                    "session {} is left with a message in its handler, which its next owner hands over again",
                    session.id());
            course().isWaitedFor = true;
            retireDetached();
        }
    }

    private void retireDetached() {
        CloseStatus status = retiring();
        if (status == null || isFinished || session.connection() != null) {
            return;
        }
        boolean isBusy = !course().isQuiet || session.reception().isLent();
        if (!house.isDurable()) {
            engine.close();
            link.settle();
        } else if (engine.isStored() && (course().isWaitedFor || !isBusy)) {
            String why = "the server stops; the session waits in its store";
            link.leave(why);
            engine.abandon();
            finish(status, false, Failure.ofClose(Failure.Kind.CLOSED_BY_US, status, why));
        }
    }

    private void finish(CloseStatus status, boolean isClean, Failure cause) {
        if (isFinished) {
            return;
        }
        isFinished = true;
        noteDetached(false);
        house.leave(lodger);
        session.finish(new SessionEvent.Closed(session.epoch(), status, isClean, cause));
    }

    // ---- ResumeHost ----

    /** The client may come back for it; a window that is full ends the session, and both applications are told. */
    @Override
    public boolean admitsWhileSuspended() {
        return true;
    }

    @Override
    public void handleBegun(ResumeOutput.Begun begun) {
        Connection connection = session.connection();
        if (connection != null) {
            isPreparing = true;
            session.start(connection);
        }
    }

    @Override
    public void handleResumed(ResumeOutput.Resumed resumed) {
        if (course != null && course.isHolding) {
            course.isHolding = false;
            session.reception().release();
        }
        Connection connection = session.connection();
        if (connection == null || connection.epoch != resumed.connection()) {
            // Whoever made the claim is gone again.
            tellSuspended();
            return;
        }
        SessionCourse here = course();
        here.heldSuspended = null;
        CloseStatus goodbye = here.closeAsked;
        if (goodbye != null) {
            // The claim was stored before the end was.
            sayGoodbye(connection, goodbye);
            return;
        }
        noteDetached(false);
        session.transitionTo(isPrepared ? SessionState.OPEN : SessionState.READYING);
        Duration outage = Duration.ofNanos(RealClock.nanos() - here.lostNanos);
        session.tell(new SessionEvent.Resumed(connection.epoch, outage, resumed.replayedIn(), resumed.replayedOut()));
        if (!isPreparing) {
            // This process has not prepared anything for the session yet: another one had.
            isPreparing = true;
            session.startPreparing(connection);
        }
        if (here.isOver()) {
            course = null;
        }
    }

    @Override
    public void handleLost(SessionLoss loss) {
        if (loss.reason() == LossReason.TAKEN_OVER && house.commitsAfterHandler()) {
            session.reception().withhold();
        }
        tellSuspended();
        CloseStatus goodbye = closeAsked();
        boolean isExpected = goodbye != null && loss.unknown() + loss.undelivered() == 0;
        if (!isExpected) {
            session.tell(new SessionEvent.SessionLost(session.epoch(), loss));
        }
        if (loss.reason() == LossReason.TAKEN_OVER) {
            session.tell(new SessionEvent.TakenOver(session.epoch()));
        }
        CloseStatus asked = goodbye == null ? retiring() : goodbye;
        String why = "the session ended without its client (" + loss.reason().word() + ")";
        if (asked != null) {
            finish(asked, false, Failure.ofClose(Failure.Kind.CLOSED_BY_US, asked, why));
        } else {
            finish(
                    new CloseStatus(CloseCode.ABNORMAL, Texts.limited(why)),
                    false,
                    Failure.of(Failure.Kind.CONNECTION_LOST, why));
        }
    }

    @Override
    public void handleEnded(ResumeOutput.Ended ended) {
        CloseStatus said = new CloseStatus(ended.code(), ended.reason());
        course().byeHeard = said;
        Connection connection = session.connection();
        if (connection != null) {
            session.transitionTo(SessionState.CLOSING);
            CloseStatus asked = closeAsked();
            connection.close(asked != null ? asked : CloseCode.isSendable(said.code()) ? said : CloseStatus.NORMAL);
        }
    }

    @Override
    public void handleDrop(ResumeOutput.Drop drop, @Nullable Connection connection) {
        SessionCourse here = course();
        Connection dropped = connection == null ? here.displaced : connection;
        here.displaced = null;
        if (dropped == null) {
            return;
        }
        CloseStatus status = drop.status();
        if (dropped == session.connection()) {
            Failure cause = Failure.ofClose(Failure.Kind.PROTOCOL, status, "the connection was failed: " + status);
            suspend(dropped, cause);
        }
        if (status.code() == CloseCodes.TAKEN_OVER) {
            dropped.close(status);
        } else {
            dropped.fail(Failure.Kind.PROTOCOL, status);
        }
    }

    @Override
    public void handleStoreWrite(ResumeOutput.StoreWrite write) {
        CompletionStage<SessionStore.Outcome> stage;
        try {
            stage = store(write);
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedStage(e);
        }
        stage.whenComplete((outcome, error) -> {
            if (error != null) {
                LOG.warn("the store failed a write of session {}; it is repeated", session.id(), error);
            }
            Relocation.run(session.loop(), () -> handleStored(write, error == null ? outcome : null));
        });
    }

    private CompletionStage<SessionStore.Outcome> store(ResumeOutput.StoreWrite write) {
        SessionStore store = house.store;
        long now = RealClock.epochMillis();
        if (write instanceof ResumeOutput.Append append) {
            List<Message> messages = new ArrayList<>(append.messages().size());
            append.messages().forEach(send -> messages.add(((Send) send).message()));
            return store.append(engine.sid(), append.epoch(), append.first(), messages);
        }
        if (write instanceof ResumeOutput.Commit commit) {
            return store.commit(engine.sid(), commit.epoch(), commit.received(), commit.acknowledged());
        }
        if (write instanceof ResumeOutput.End end) {
            SessionStore.Tombstone tombstone = end.tombstone() == ResumeOutput.End.NO_TOMBSTONE
                    ? null
                    : new SessionStore.Tombstone(end.loss().reason(), end.tombstone(), now);
            return store.end(engine.sid(), end.epoch(), tombstone);
        }
        return store.renew(engine.sid(), write.epoch(), now, house.storeTtlMillis());
    }

    private void handleStored(ResumeOutput.StoreWrite write, SessionStore.@Nullable Outcome outcome) {
        engine.handleStored(write, outcome, RealClock.nanos());
        if (engine.state() == ServerState.DISPUTED && house.commitsAfterHandler()) {
            // What a handler returns from cannot be committed any more, so whoever has the claim is given it again.
            course().isHolding = true;
            session.reception().hold();
        }
        link.settle();
        retireDetached();
    }

    @Override
    public void handleHello(Control.Hello hello) {
        throw new AssertionError("a server awaits no hello");
    }

    @Override
    public boolean handleFirst(Connection connection, @Nullable Control first) {
        throw new AssertionError("a server awaits no hello");
    }

    @Override
    public boolean awaitsHello(Connection connection) {
        return false;
    }

    @Override
    public void handleMoved(ResumeOutput.Moved moved) {
        throw new AssertionError("only a server says move");
    }

    @Override
    public void handleDeadline(long now) {
        // The engine knows all deadlines of a server.
    }
}
