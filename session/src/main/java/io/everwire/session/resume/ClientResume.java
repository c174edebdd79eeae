package io.everwire.session.resume;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.LossReason;
import io.everwire.ResumePolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of an {@code everwire.v1} session: what it offers, what it makes of the server's verdict, and what is lost when
 * the session cannot be resumed.
 *
 * <pre>
 * NEW ──offer──▶ OFFERED ──hello──▶ ATTACHED ──lost──▶ SUSPENDED ──offer──▶ OFFERED
 *  ▲                │ no hello: back to where it was, or PLAIN               │
 *  └────────────────┴── lost session: begins anew ──────────────────────────┘      any ──▶ OVER
 * </pre>
 */
public final class ClientResume<M> extends ResumeEngine<M> {
    /** How long a server that selected the protocol may take for its hello. */
    static final long HELLO_NANOS = 2_000_000_000L;

    private static final int MOST_PROTOCOL_CLOSES = 2;

    private final ResumePolicy policy;
    private State state = State.NEW;
    private @Nullable SessionId sid;
    private byte @Nullable [] secret;
    private long attempt;
    private long nonce;
    private long helloDeadline = NO_DEADLINE;
    private boolean hadHello;
    private int protocolCloses;
    private long progressSeen;

    /** Where the client's end stands. */
    public enum State {
        /** There is no session. */
        NEW,
        /** An upgrade with an offer is outstanding, or its hello is. */
        OFFERED,
        /** A connection carries the session. */
        ATTACHED,
        /** The session waits for a connection. */
        SUSPENDED,
        /** The server does not speak the protocol: a plain connection. */
        PLAIN,
        /** Ended, or taken over by another connection. */
        OVER;

        boolean mayBecome(State next) {
            return switch (this) {
                case NEW, SUSPENDED, PLAIN -> next == OFFERED || next == OVER || next == NEW;
                case OFFERED -> true;
                case ATTACHED -> next == SUSPENDED || next == OFFERED || next == NEW || next == OVER;
                case OVER -> false;
            };
        }
    }

    /** What a connection turned out to be. */
    public enum Verdict {
        /** The server's hello was taken. */
        SESSION,
        /** The server does not speak the protocol: go on without sessions, and take the message as any other. */
        PLAIN,
        /** The attempt has failed. */
        FAILED
    }

    /** Makes an end without a session. */
    public ClientResume(ResumePolicy policy, ReplayBudget budget) {
        super(policy, budget);
        this.policy = policy;
    }

    private void transitionTo(State next) {
        if (state != next && !state.mayBecome(next)) {
            throw new AssertionError(state + " never becomes " + next);
        }
        state = next;
    }

    /**
     * Makes the offer of the next upgrade request. The present connection is detached first: what still comes on it would not be
     * in the count that is offered.
     *
     * @param fresh 8 random bytes, which the server's hello has to repeat
     * @param path the request's path
     * @param subprotocols the application's own
     */
    public Offer offer(long fresh, String path, List<String> subprotocols, long now) {
        handleDetached(connection(), now);
        helloDeadline = NO_DEADLINE;
        attempt++;
        nonce = fresh;
        transitionTo(State.OFFERED);
        SessionId resumed = sid;
        byte[] key = secret;
        if (resumed == null || key == null) {
            return new Offer(0, fresh, policy.windowBytes() >> 10, policy.windowMessages(), null);
        }
        return new Offer(
                        0,
                        fresh,
                        policy.windowBytes() >> 10,
                        policy.windowMessages(),
                        new Offer.Claim(
                                resumed, attempt, inbound.received(), outbound.released() + 1, outbound.last() + 1))
                .sign(key, path, subprotocols);
    }

    /** Is told that the server has selected the protocol: its hello has 2 s. */
    public void handleSelected(long offered, long now) {
        if (offered == attempt && state == State.OFFERED) {
            helloDeadline = now + HELLO_NANOS;
        }
    }

    /**
     * Is told that the connection speaks no {@code everwire.v1}: the server has selected something else, its first message is no
     * hello, or none came in time.
     *
     * @param hasSpoken whether this server is known to speak it
     * @return plain for a server that may just have selected the first subprotocol it saw; a failed attempt when it spoke the
     *     protocol before
     */
    public Verdict handleNoHello(long offered, boolean hasSpoken, long now) {
        if (offered != attempt || state != State.OFFERED) {
            return Verdict.FAILED;
        }
        helloDeadline = NO_DEADLINE;
        if (sid != null || hadHello || hasSpoken) {
            transitionTo(sid == null ? State.NEW : State.SUSPENDED);
            return Verdict.FAILED;
        }
        transitionTo(State.PLAIN);
        return Verdict.PLAIN;
    }

    /**
     * Is told that the server has selected another subprotocol or none. A session that it was to resume is lost: the server that
     * is there now does not keep it.
     */
    public void handleNotSelected(long offered, long now) {
        if (offered == attempt && state == State.OFFERED) {
            lose(LossReason.UNSUPPORTED, -1);
            transitionTo(State.PLAIN);
        }
    }

    /** Is told that the offered connection has ended before its first message. */
    public void handleAbandoned(long offered, long now) {
        if (offered == attempt && state == State.OFFERED) {
            helloDeadline = NO_DEADLINE;
            transitionTo(sid == null ? State.NEW : State.SUSPENDED);
        }
    }

    /** Takes the first message of a connection whose server has selected the protocol. */
    public Verdict handleFirst(long offered, @Nullable Control first, boolean hasSpoken, long now) {
        if (offered != attempt || state != State.OFFERED) {
            return Verdict.FAILED;
        }
        if (!(first instanceof Control.Hello hello) || hello.nonce() != nonce) {
            return handleNoHello(offered, hasSpoken, now);
        }
        helloDeadline = NO_DEADLINE;
        hadHello = true;
        boolean isAccepted = hello.status() == Control.Hello.Status.RESUMED ? isResumed(hello) : isBegun(hello);
        if (!isAccepted && state == State.OFFERED) {
            transitionTo(sid == null ? State.NEW : State.SUSPENDED);
        }
        return isAccepted ? Verdict.SESSION : Verdict.FAILED;
    }

    private boolean isResumed(Control.Hello hello) {
        SessionId mine = sid;
        if (mine == null || !mine.equals(hello.sid())) {
            emit(new ResumeOutput.Drop(attempt, status("hello resumes a session that was not offered")));
            return false;
        }
        boolean isInside = hello.received() >= outbound.released() && hello.received() <= outbound.last();
        if (!isInside || (hello.sent() >= 0 && hello.sent() < inbound.received())) {
            emit(new ResumeOutput.Drop(
                    attempt,
                    status("hello has rx=" + hello.received() + ", outside " + outbound.released() + " to "
                            + outbound.last())));
            lose(LossReason.DESYNC, -1);
            return false;
        }
        long replayedOut = outbound.last() - hello.received();
        long replayedIn = hello.sent() < 0 ? 0 : hello.sent() - inbound.received();
        transitionTo(State.ATTACHED);
        attach(
                attempt,
                hello.received(),
                inbound.received(),
                hello.windowBytes(),
                hello.windowMessages(),
                hello.maxBytes());
        writeAck();
        emit(new ResumeOutput.Resumed(attempt, mine, replayedIn, replayedOut));
        return true;
    }

    private boolean isBegun(Control.Hello hello) {
        byte[] given = hello.secret();
        if (given == null) {
            emit(new ResumeOutput.Drop(attempt, status("hello begins a session without a secret")));
            return false;
        }
        if (sid != null) {
            LossReason reason = hello.reason();
            lose(reason == null ? LossReason.UNKNOWN : reason, hello.peerReceived());
        }
        sid = hello.sid();
        secret = given.clone();
        transitionTo(State.ATTACHED);
        attach(attempt, 0, 0, hello.windowBytes(), hello.windowMessages(), hello.maxBytes());
        writeAck();
        emit(new ResumeOutput.Begun(attempt, hello.sid()));
        return true;
    }

    private static CloseStatus status(String reason) {
        return new CloseStatus(CloseCodes.PROTOCOL, CloseCodes.limited(reason));
    }

    /**
     * Is told how a connection was closed, by either end, before {@link #handleDetached}. Most codes only suspend the session, 1000
     * too.
     *
     * @param closed the connection, or the attempt that never became one
     * @return whether the client has to stop: it was taken over or is not welcome
     */
    public boolean handleClosed(long closed, int code, long now) {
        if (closed != attempt || isOver()) {
            return isOver();
        }
        switch (code) {
            case CloseCodes.TAKEN_OVER -> {
                emit(new ResumeOutput.Lost(lossOf(LossReason.TAKEN_OVER, -1)));
                stop();
            }
            case CloseCodes.AUTHENTICATION -> {
                emit(new ResumeOutput.Lost(lossOf(LossReason.UNKNOWN, -1)));
                stop();
            }
            case CloseCodes.ENDED -> forget(LossReason.ENDED);
            case CloseCode.PROTOCOL_ERROR,
                    CloseCode.UNSUPPORTED,
                    CloseCode.INVALID_PAYLOAD,
                    CloseCode.TOO_LARGE,
                    CloseCodes.PROTOCOL -> countProtocolClose();
            default -> {
                // Suspended; the next offer resumes.
            }
        }
        return isOver();
    }

    private void countProtocolClose() {
        long progress = inbound.received() + outbound.released();
        protocolCloses = progress == progressSeen ? protocolCloses + 1 : 1;
        progressSeen = progress;
        if (protocolCloses >= MOST_PROTOCOL_CLOSES) {
            protocolCloses = 0;
            forget(LossReason.POISONED);
        }
    }

    /** Loses the session and begins anew with the next offer. */
    private void forget(LossReason reason) {
        lose(reason, -1);
        transitionTo(State.NEW);
    }

    private void lose(LossReason reason, long peerReceived) {
        if (sid == null) {
            return;
        }
        boolean isKnown = peerReceived >= outbound.released() && peerReceived <= outbound.last();
        emit(new ResumeOutput.Lost(lossOf(reason, isKnown ? peerReceived : -1)));
        sid = null;
        secret = null;
        reset();
    }

    private void stop() {
        end();
        transitionTo(State.OVER);
        helloDeadline = NO_DEADLINE;
    }

    /** Ends the session for good, whether or not the server can be told. */
    public void close() {
        if (state != State.OVER) {
            stop();
        }
    }

    @Override
    boolean mayHear() {
        return true;
    }

    @Override
    void handleByeReceived(Control.Bye bye, long now) {
        emit(new ResumeOutput.Ended(bye.code(), bye.reason()));
        stop();
    }

    @Override
    void handleDesync(String why, long now) {
        fail(CloseCodes.PROTOCOL, why, now);
        forget(LossReason.DESYNC);
    }

    @Override
    void handleSuspended(long now) {
        if (state == State.ATTACHED) {
            transitionTo(State.SUSPENDED);
        }
    }

    @Override
    public boolean hasRoom(int bytes) {
        return state == State.ATTACHED && super.hasRoom(bytes);
    }

    @Override
    public long deadlineNanos() {
        return earlier(helloDeadline, ackDeadline());
    }

    /** Acknowledges what is due. That no hello came in time is {@link #isHelloLate}, which the driver answers. */
    @Override
    public void handleDeadline(long now) {
        handleAckDeadline(now);
    }

    /** Tells whether the hello did not come in time; the answer is {@link #handleNoHello}. */
    public boolean isHelloLate(long now) {
        return isDue(helloDeadline, now);
    }

    /** The number of the last upgrade request, which names its connection. */
    public long attempt() {
        return attempt;
    }

    /** The session's id, null while there is none. */
    public @Nullable SessionId sid() {
        return sid;
    }

    public State state() {
        return state;
    }
}
