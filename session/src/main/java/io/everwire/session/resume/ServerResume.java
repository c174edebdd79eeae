package io.everwire.session.resume;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.LossReason;
import io.everwire.SessionLoss;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of an {@code everwire.v1} session: one owner, one connection at a time, and an end that the {@link SessionStore}
 * has agreed to before anybody is told.
 *
 * <p>With a durable store a message is appended before it is written, and only what is committed is told to have been received.
 */
public final class ServerResume<M> extends ResumeEngine<M> {
    /** How long a new session waits for its first ack. */
    static final long FIRST_ACK_NANOS = 10_000_000_000L;

    /** How long a claim that was made here may take to attach its connection. */
    private static final long DISPUTE_NANOS = 10_000_000_000L;

    private static final long STORE_RETRY_NANOS = 200_000_000;
    /** A renewal may fail twice before the session expires in the store. */
    private static final int RENEWALS_PER_LIFE = 3;

    private final SessionId sid;
    private final SessionSettings settings;
    private State state = State.SUSPENDED;
    private long epoch;
    private boolean isConfirmed;
    private boolean hasHeard;
    private boolean cannotSeePings;
    private boolean isRenewalFailed;
    private long lifeDeadline;
    private long renewDeadline;
    private long beatDeadline = NO_DEADLINE;
    private long retryDeadline = NO_DEADLINE;
    private ResumeOutput.@Nullable StoreWrite ending;
    /** Null for a store in memory, which needs no more of a session than that it lives. */
    private final @Nullable StoreWrites<M> writes;

    /** Where the server's end stands. */
    public enum State {
        /** A connection carries the session. */
        ATTACHED,
        /** The session waits for its client. */
        SUSPENDED,
        /** The store is asked to end the session. */
        ENDING,
        /** The store does not take our writes: somebody has claimed the session, for us or for another owner. */
        DISPUTED,
        /** Ended, or claimed by another owner. */
        OVER;

        boolean mayBecome(State next) {
            return switch (this) {
                case ATTACHED -> next != this;
                // A claim that was stored before the end makes the end void.
                case SUSPENDED, ENDING, DISPUTED -> next != this;
                case OVER -> false;
            };
        }
    }

    private ServerResume(SessionId sid, SessionSettings settings, long epoch, long now) {
        super(settings.policy(), settings.budget());
        this.sid = sid;
        this.settings = settings;
        this.epoch = epoch;
        writes = settings.durability() == SessionStore.Durability.MEMORY
                ? null
                : new StoreWrites<>(outbound, inbound, settings.policy().committing(), this::emit);
        lifeDeadline = now + settings.ttlNanos();
        armRenewal(now);
    }

    /** Makes a new session, which the store knows under epoch 1. */
    public static <M> ServerResume<M> begin(SessionId sid, SessionSettings settings, long now) {
        return new ServerResume<>(sid, settings, 1, now);
    }

    /**
     * Makes the new owner of a session that was claimed from the store.
     *
     * @param messages the outbound messages after {@code positions.acknowledged()}, all of them
     * @param bytes the payload of each
     */
    public static <M> ServerResume<M> restore(
            SessionId sid,
            SessionSettings settings,
            long epoch,
            SessionStore.Positions positions,
            List<M> messages,
            int[] bytes,
            long now) {
        ServerResume<M> engine = new ServerResume<>(sid, settings, epoch, now);
        engine.isConfirmed = true;
        engine.inbound.startAfter(positions.received());
        engine.outbound.startAfter(positions.acknowledged());
        for (int i = 0; i < messages.size(); i++) {
            engine.restoreSent(messages.get(i), bytes[i]);
        }
        if (engine.writes != null) {
            engine.writes.startAfter(positions);
        }
        return engine;
    }

    private void transitionTo(State next) {
        if (state != next && !state.mayBecome(next)) {
            throw new AssertionError(state + " never becomes " + next);
        }
        state = next;
    }

    // ---- attaching ----

    /** Attaches the first connection of a new session. {@code reason} and {@code peerReceived} say why it is no older one. */
    public void begin(
            Offer offer,
            byte[] secret,
            @Nullable LossReason reason,
            long peerReceived,
            @Nullable String protocol,
            long now) {
        take(epoch, offer, 0, now);
        lifeDeadline = now + FIRST_ACK_NANOS;
        Control.Status status = reason == null ? Control.Status.NEW : Control.Status.FRESH;
        write(settings.hello(status, offer.nonce(), sid, 0, outbound.last(), secret, reason, peerReceived, protocol));
        emit(new ResumeOutput.Begun(connection(), sid));
    }

    /**
     * Attaches a connection whose claim the store has granted. The old connection, noticed dead or not, is dropped first; only then
     * is it said what was received.
     *
     * @param claimed the epoch of the claim, which names the connection
     * @param stored the positions that the claim has found
     * @param offer with a claim whose mac is good
     */
    public Attachment resume(
            long claimed, SessionStore.Positions stored, Offer offer, @Nullable String protocol, long now) {
        Offer.Claim claim = offer.claim();
        if (state == State.OVER || claim == null) {
            return Attachment.OVER;
        }
        if (claimed <= epoch) {
            return Attachment.STALE;
        }
        if (writes != null && !isUpToDate(writes, claimed, stored)) {
            evict(now);
            return Attachment.OUTDATED;
        }
        // An owner in between has moved nothing in the store, and may have written all that there is.
        noteWritten(claimed == epoch + 1 ? 0 : given());
        epoch = claimed;
        ending = null;
        dropPresent(now);
        transitionTo(State.SUSPENDED);
        retryDeadline = NO_DEADLINE;
        // The claim has renewed the session.
        isRenewalFailed = false;
        if (writes != null) {
            writes.repeat(epoch);
        }
        if (isByeSent()) {
            end(LossReason.ENDED, true);
            return Attachment.ENDED;
        }
        if (claim.received() < outbound.released()
                || claim.received() > sendable()
                || claim.first() > confirmedReceived() + 1
                || claim.next() < confirmedReceived() + 1) {
            end(LossReason.DESYNC, true);
            return Attachment.DESYNC;
        }
        isConfirmed = true;
        long replayedIn = claim.next() - 1 - inbound.received();
        take(claimed, offer, claim.received(), now);
        long had = confirmedReceived();
        long sent = outbound.last();
        write(settings.hello(Control.Status.RESUMED, offer.nonce(), sid, had, sent, null, null, -1, protocol));
        if (settled() > 0) {
            writeAck();
        }
        emit(new ResumeOutput.Resumed(claimed, sid, Math.max(0, replayedIn), outbound.last() - claim.received()));
        return Attachment.DONE;
    }

    /** Every claim adds one to the epoch; where one is missing, another owner may have written, unless nothing has moved. */
    private boolean isUpToDate(StoreWrites<M> known, long claimed, SessionStore.Positions stored) {
        return claimed == epoch + 1
                || (known.isIdle()
                        && stored.received() == handedAndCommitted(known)
                        && stored.sent() == known.appended());
    }

    private void dropPresent(long now) {
        if (connection() != NONE) {
            fail(CloseCodes.TAKEN_OVER, "another connection has taken the session over", now);
        }
    }

    private void take(long fresh, Offer offer, long peerReceived, long now) {
        transitionTo(State.ATTACHED);
        hasHeard = false;
        cannotSeePings = (offer.flags() & Offer.FLAG_NO_PINGS) != 0;
        // What it offers is the client's to say, what is kept for it ours: else one that never acknowledges takes all
        // there is.
        long window = Math.min(offer.windowKib() << 10, inbound.windowBytes());
        long messages = Math.min(offer.windowMessages(), inbound.windowMessages());
        attach(fresh, peerReceived, confirmedReceived(), window, messages, window - ReplayBuffer.costOf(0));
        lifeDeadline = NO_DEADLINE;
        armRenewal(now);
        armBeat(now);
    }

    // ---- what the server fills in ----

    @Override
    boolean mayHear() {
        return hasHeard;
    }

    @Override
    void handleFirstAck(long now) {
        hasHeard = true;
        if (!isConfirmed) {
            isConfirmed = true;
            lifeDeadline = NO_DEADLINE;
        }
    }

    @Override
    void handleSuspended(long now) {
        if (state == State.ATTACHED) {
            transitionTo(State.SUSPENDED);
            beatDeadline = NO_DEADLINE;
            if (isByeSent()) {
                // The answer to our bye will not come, and the client may not have it: it learns of the end when it
                // comes again.
                end(LossReason.ENDED, true);
            } else if (isConfirmed) {
                lifeDeadline = now + settings.ttlNanos();
                renewDeadline = NO_DEADLINE;
                renew();
            }
        }
    }

    @Override
    void handleByeReceived(Control.Bye bye, long now) {
        emit(new ResumeOutput.Ended(bye.code(), bye.reason()));
        emit(new ResumeOutput.End(epoch, lossOf(LossReason.ENDED, bye.received()), ResumeOutput.End.NO_TOMBSTONE));
        over();
    }

    @Override
    void handleDesync(String why, long now) {
        // The store first: a client that is told comes back at once, and must find the end.
        end(LossReason.DESYNC, true);
        fail(CloseCodes.PROTOCOL, why, now);
    }

    private void over() {
        end();
        transitionTo(State.OVER);
        lifeDeadline = NO_DEADLINE;
        renewDeadline = NO_DEADLINE;
        beatDeadline = NO_DEADLINE;
        retryDeadline = NO_DEADLINE;
    }

    /** Asks the store for the end; nobody is told before it has agreed. */
    private void end(LossReason reason, boolean leavesTombstone) {
        transitionTo(State.ENDING);
        lifeDeadline = NO_DEADLINE;
        renewDeadline = NO_DEADLINE;
        ending = new ResumeOutput.End(
                epoch, lossOf(reason, -1), leavesTombstone ? confirmedReceived() : ResumeOutput.End.NO_TOMBSTONE);
        emit(ending);
    }

    /**
     * Tells whether a message may be accepted. A session that is suspended and has no room any more ends here ({@link
     * LossReason#OVERRUN}): its client may never come, and nothing is dropped silently.
     */
    @Override
    public boolean hasRoom(int bytes) {
        if (state != State.ATTACHED && state != State.SUSPENDED) {
            return false;
        }
        boolean hasRoom = super.hasRoom(bytes);
        if (!hasRoom && state == State.SUSPENDED && bytes <= largestBytes() && !hasWindow(bytes)) {
            end(LossReason.OVERRUN, true);
        }
        return hasRoom;
    }

    /** Ends the session for good while no client is there to be told; it may come back and is told then. */
    public void close() {
        if (state == State.SUSPENDED || state == State.ATTACHED) {
            if (connection() != NONE) {
                long present = connection();
                detach();
                beatDeadline = NO_DEADLINE;
                emit(new ResumeOutput.Drop(present, new CloseStatus(CloseCodes.ENDED, "the session was ended")));
            }
            end(LossReason.ENDED, true);
        }
    }

    /** Gives the session up without a word to anybody: the store keeps it for its next owner. */
    public void abandon() {
        if (state != State.OVER) {
            over();
        }
    }

    /** Asks the client to leave within a window, at a random moment. */
    public void move(long afterMillis, long windowMillis, @Nullable String url) {
        if (mayWrite()) {
            write(new Control.Move(afterMillis, windowMillis, url));
        }
    }

    // ---- the store ----

    @Override
    long sendable() {
        return writes != null ? writes.appended() : super.sendable();
    }

    @Override
    long settled() {
        // A client that replays what is committed meanwhile must not be told of more than it has written again.
        return writes != null ? Math.min(handedAndCommitted(writes), arrived()) : super.settled();
    }

    private long handedAndCommitted(StoreWrites<M> known) {
        return Math.min(known.committed(), inbound.handed());
    }

    /** The last outbound message that another owner may send. */
    private long given() {
        return writes == null ? 0 : writes.given();
    }

    @Override
    long confirmedReceived() {
        return writes != null ? writes.committed() : super.confirmedReceived();
    }

    @Override
    public long deliverable() {
        return writes != null && writes.commitsBefore() ? writes.committed() : super.deliverable();
    }

    @Override
    void handleReceived(long now) {
        writeMore();
    }

    @Override
    void handleHandedOver(long now) {
        writeMore();
        settle(now);
    }

    @Override
    void handleAccepted(long now) {
        writeMore();
    }

    @Override
    void handleAcknowledged() {
        writeMore();
    }

    private void writeMore() {
        if (writes != null && state != State.OVER) {
            writes.writeMore(epoch);
        }
    }

    /** Lets the session live on in the store, whatever kind of store it is. */
    private void renew() {
        isRenewalFailed = false;
        emit(new ResumeOutput.Renew(epoch));
    }

    private void armRenewal(long now) {
        renewDeadline = now + settings.ttlNanos() / RENEWALS_PER_LIFE;
    }

    /**
     * Takes the store's answer.
     *
     * @param outcome null when the write failed, or may have: it is repeated
     */
    public void handleStored(ResumeOutput.StoreWrite write, SessionStore.@Nullable Outcome outcome, long now) {
        if (write.epoch() != epoch || state == State.OVER) {
            return;
        }
        if (outcome == null) {
            // What else is under way is known to be.
            isRenewalFailed |= write instanceof ResumeOutput.Renew;
            if (retryDeadline == NO_DEADLINE) {
                retryDeadline = now + STORE_RETRY_NANOS;
            }
        } else if (outcome == SessionStore.Outcome.FENCED) {
            handleFenced(now);
        } else if (writes != null && writes.handleDone(write, epoch)) {
            settle(now);
        } else if (write instanceof ResumeOutput.End end && ending != null) {
            over();
            emit(new ResumeOutput.Lost(end.loss()));
        }
    }

    /** Somebody has claimed the session. If the claim was made here, its connection will be attached; otherwise this owner is over. */
    private void handleFenced(long now) {
        if (state != State.DISPUTED) {
            if (connection() != NONE) {
                // Not 4408: it may be this very client that has come elsewhere, and a client that is alone never stops.
                fail(CloseCode.SERVICE_RESTART, "this server does not own the session any more", now);
            }
            transitionTo(State.DISPUTED);
            lifeDeadline = now + DISPUTE_NANOS;
            renewDeadline = NO_DEADLINE;
            retryDeadline = NO_DEADLINE;
        }
    }

    private void evict(long now) {
        dropPresent(now);
        LossReason reason = ending instanceof ResumeOutput.End end ? end.loss().reason() : LossReason.TAKEN_OVER;
        SessionLoss loss = lossOf(reason, -1, given());
        over();
        emit(new ResumeOutput.Lost(loss));
    }

    // ---- time ----

    @Override
    public long deadlineNanos() {
        long due = earlier(ackDeadline(), lifeDeadline);
        due = earlier(due, renewDeadline);
        due = earlier(due, beatDeadline);
        return earlier(due, retryDeadline);
    }

    @Override
    public void handleDeadline(long now) {
        handleAckDeadline(now);
        if (isDue(lifeDeadline, now)) {
            handleLifeEnded(now);
        }
        if (isDue(renewDeadline, now)) {
            armRenewal(now);
            renew();
        }
        if (isDue(beatDeadline, now)) {
            write(new Control.Ping(written(), settled(), (now / 1_000_000) & Bounds.MOST));
            armBeat(now);
        }
        if (isDue(retryDeadline, now)) {
            retryDeadline = NO_DEADLINE;
            retry();
        }
    }

    private void armBeat(long now) {
        beatDeadline = cannotSeePings ? now + settings.policy().heartbeat().toNanos() : NO_DEADLINE;
    }

    private void handleLifeEnded(long now) {
        if (state == State.DISPUTED) {
            evict(now);
        } else if (!isConfirmed) {
            if (connection() != NONE) {
                long silent = connection();
                detach();
                emit(new ResumeOutput.Drop(silent, new CloseStatus(CloseCodes.PROTOCOL, "no ack within 10 s")));
            }
            end(LossReason.UNKNOWN, false);
        } else {
            end(LossReason.EXPIRED, true);
        }
    }

    private void retry() {
        ResumeOutput.StoreWrite last = ending;
        if (last != null) {
            emit(last);
            return;
        }
        if (isRenewalFailed) {
            renew();
        }
        if (writes != null) {
            writes.retry();
        }
    }

    // ---- for the driver ----

    /** Tells whether the store has answered everything that it was asked for, or takes nothing from us any more. */
    public boolean isStored() {
        return state == State.DISPUTED
                || ((writes == null || writes.isIdle()) && (ending == null || state == State.OVER));
    }

    /** The session's id. */
    public SessionId sid() {
        return sid;
    }

    /** The epoch under which this end owns the session. */
    public long epoch() {
        return epoch;
    }

    public State state() {
        return state;
    }
}
