package io.everwire.session.resume;

import io.everwire.CloseStatus;
import io.everwire.LossReason;
import io.everwire.ResumePolicy;
import io.everwire.SessionLoss;
import io.everwire.session.Engine;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of an {@code everwire.v1} session do: count DATA in both directions, acknowledge it, hold back what the window does
 * not allow, and replay what the peer has not received. It outlives connections.
 *
 * <p>A connection is named by a number that only grows: the attempt at a client, the epoch at a server. Whatever comes from another
 * one than the present is ignored.
 *
 * <p>The driver gives every received message to {@link #handleData} or {@link #handleControl}, tells with {@link #handleHanded} what
 * the application has handled, admits messages with {@link #accept} while there is {@link #hasRoom}, and writes first what {@link
 * #poll} and then what {@link #pollData} gives.
 *
 * @param <M> what the driver keeps of an outbound message
 */
public abstract sealed class ResumeEngine<M> implements Engine permits ClientResume, ServerResume {
    static final long NONE = 0;
    static final long ACK_DELAY_NANOS = 200_000_000;

    final ReplayBuffer<M> outbound = new ReplayBuffer<>();
    final ReceiveWindow inbound;
    private final ReplayBudget budget;
    /** Null for nothing. */
    private @Nullable ArrayDeque<ResumeOutput> outputs;

    private long connection = NONE;
    /** The number of the last DATA that came on the present connection. */
    private long arrived;
    /** The number of the last DATA that was written to the present connection. */
    private long written;
    /** The number of the last DATA that was ever written to a connection. */
    private long everWritten;

    private int peerBytes;
    private int peerMessages;
    private int peerLargest;
    private boolean isAsked;
    private boolean isByeSent;
    private boolean isOver;
    private long ackDeadline = NO_DEADLINE;
    private int incarnation = 1;

    ResumeEngine(ResumePolicy policy, ReplayBudget budget) {
        inbound = new ReceiveWindow(policy);
        this.budget = budget;
    }

    // ---- inbound ----

    /**
     * Counts a DATA message.
     *
     * @param from the connection that it came on
     * @param bytes its payload without the escape
     * @return whether it is the next message of the session and belongs into its inbound queue; otherwise it is nobody's
     */
    public final boolean handleData(long from, int bytes, long now) {
        if (from != connection || isOver) {
            return false;
        }
        if (!mayHear()) {
            fail(CloseCodes.PROTOCOL, "DATA before the first ack", now);
            return false;
        }
        arrived++;
        if (arrived <= inbound.received()) {
            // Received but not committed when the peer was told what we have: it is in the queue already.
            settle(now);
            return false;
        }
        if (!inbound.receive(bytes)) {
            fail(
                    CloseCodes.OVERRUN,
                    "more than the window of " + inbound.windowBytes() + " bytes and " + inbound.windowMessages()
                            + " messages is unacknowledged",
                    now);
            return false;
        }
        handleReceived(now);
        return true;
    }

    /** Takes a control message. */
    public final void handleControl(long from, Control control, long now) {
        if (from != connection || isOver) {
            return;
        }
        if (!(control instanceof Control.Ack) && !mayHear()) {
            fail(CloseCodes.PROTOCOL, "the first message is no ack", now);
        } else if (control instanceof Control.Ack ack) {
            handleAck(ack.received(), now);
        } else if (control instanceof Control.Ask) {
            writeAck();
        } else if (control instanceof Control.Ping ping) {
            handleBeat(ping.sent(), ping.received(), now);
            if (connection == from) {
                tellSettled();
                write(new Control.Pong(written, settled(), ping.time()));
            }
        } else if (control instanceof Control.Pong pong) {
            handleBeat(pong.sent(), pong.received(), now);
        } else if (control instanceof Control.Bye bye) {
            handleBye(bye, now);
        } else if (control instanceof Control.Move move && this instanceof ClientResume) {
            emit(new ResumeOutput.Moved(move.afterMillis(), move.windowMillis(), move.url()));
        } else {
            fail(CloseCodes.PROTOCOL, "unexpected " + control.getClass().getSimpleName(), now);
        }
    }

    /** Is told of a control message that broke the rules of its form. */
    public final void handleMalformed(long from, String why, long now) {
        if (from == connection && !isOver) {
            fail(CloseCodes.PROTOCOL, why, now);
        }
    }

    /** Is told that a connection has ended, or is given up; of the present one nothing counts any more. */
    public final void handleDetached(long ended, long now) {
        if (ended == connection && ended != NONE && !isOver) {
            detach();
            handleSuspended(now);
        }
    }

    /**
     * Is told that the application has handled every message up to this number.
     *
     * @param ofIncarnation the {@link #incarnation} in which the messages were received
     */
    public final void handleHanded(int ofIncarnation, long upTo, long now) {
        if (ofIncarnation == incarnation && !isOver) {
            inbound.hand(upTo);
            handleHandedOver(now);
        }
    }

    private void handleAck(long n, long now) {
        if (n < outbound.acknowledged() || n > written) {
            fail(CloseCodes.PROTOCOL, "ack of " + n + " is outside " + outbound.acknowledged() + " to " + written, now);
            return;
        }
        isAsked = false;
        acknowledge(n);
        handleFirstAck(now);
    }

    private void acknowledge(long n) {
        if (n > outbound.acknowledged()) {
            budget.give(outbound.acknowledge(n));
            handleAcknowledged();
        }
    }

    /** The sender's count must equal ours, for everything before it has arrived. */
    private void handleBeat(long sent, long n, long now) {
        if (sent != arrived) {
            handleDesync("the peer has sent " + sent + " messages and " + arrived + " have arrived", now);
        } else {
            handleAck(n, now);
        }
    }

    private void handleBye(Control.Bye bye, long now) {
        if (bye.received() < outbound.released() || bye.received() > written) {
            fail(
                    CloseCodes.PROTOCOL,
                    "bye has rx=" + bye.received() + ", outside " + outbound.released() + " to " + written,
                    now);
            return;
        }
        acknowledge(bye.received());
        if (!isByeSent) {
            bye(bye.code(), "");
        }
        handleByeReceived(bye, now);
    }

    // ---- outbound ----

    /** Tells whether a message of this many bytes may be accepted now. A window that is full holds messages back; it drops none. */
    public boolean hasRoom(int bytes) {
        return !isOver && !isByeSent && fitsWindow(bytes);
    }

    final boolean fitsWindow(int bytes) {
        return hasWindow(bytes) && budget.hasRoom(ReplayBuffer.costOf(bytes));
    }

    /** Whether the peer's window has room, however much the process holds for others. */
    final boolean hasWindow(int bytes) {
        return outbound.chargedMessages() < peerMessages
                && (long) outbound.chargedBytes() + ReplayBuffer.costOf(bytes) <= peerBytes;
    }

    /** Returns the largest message that the peer can take, in bytes; what is larger never fits. 0 before the first hello. */
    public long largestBytes() {
        return peerLargest;
    }

    /** Gives a message its number, after {@link #hasRoom}; it is then written by {@link #pollData} and held until it is received. */
    public final long accept(M message, int bytes, long now) {
        long number = outbound.add(message, bytes);
        budget.take(ReplayBuffer.costOf(bytes));
        boolean isThreeQuarters =
                outbound.chargedMessages() * 4L >= peerMessages * 3L || outbound.chargedBytes() * 4L >= peerBytes * 3L;
        if (isThreeQuarters && !isAsked && mayWrite()) {
            isAsked = true;
            write(new Control.Ask());
        }
        handleAccepted(now);
        return number;
    }

    /** Returns the next message to be written on this connection, null when there is none now; {@link #written} is its number. */
    public final @Nullable M pollData(long to) {
        if (to != connection || !mayWrite() || written >= sendable()) {
            return null;
        }
        written++;
        everWritten = Math.max(everWritten, written);
        return outbound.at(written);
    }

    /** Tells whether {@link #pollData} would give a message. */
    public final boolean hasData(long to) {
        return to == connection && mayWrite() && written < sendable();
    }

    /** Ends the session in agreement: the connection is to be closed behind this. */
    public final void bye(int code, String reason) {
        if (connection != NONE && mayWrite() && !isByeSent) {
            isByeSent = true;
            tellSettled();
            write(new Control.Bye(code, Math.min(confirmedReceived(), arrived), reason));
        }
    }

    // ---- what the two ends fill in ----

    /** Whether the peer has begun as it must. */
    abstract boolean mayHear();

    /** Whether the peer may be written to: it has, or is being given, its hello. */
    boolean mayWrite() {
        return connection != NONE && !isOver && !isByeSent;
    }

    /** The last message that may be written. */
    long sendable() {
        return outbound.last();
    }

    /** The last message that may be acknowledged. */
    long settled() {
        return inbound.handed();
    }

    /** The number of the last DATA that came on the present connection, or that it began behind. */
    final long arrived() {
        return arrived;
    }

    /** The last message that a peer may forget. */
    long confirmedReceived() {
        return inbound.received();
    }

    void handleReceived(long now) {}

    void handleHandedOver(long now) {
        settle(now);
    }

    void handleAccepted(long now) {}

    void handleAcknowledged() {}

    void handleFirstAck(long now) {}

    abstract void handleByeReceived(Control.Bye bye, long now);

    abstract void handleDesync(String why, long now);

    /** The connection is gone, the session is not. */
    abstract void handleSuspended(long now);

    // ---- shared rules ----

    /** Acknowledges what is due: at once for a quarter of the window, otherwise 200 ms after the first. */
    final void settle(long now) {
        if (settled() == inbound.told() || connection == NONE || isOver || isByeSent) {
            return;
        }
        if (inbound.isQuarterDue(settled())) {
            writeAck();
        } else if (ackDeadline == NO_DEADLINE) {
            ackDeadline = now + ACK_DELAY_NANOS;
        }
    }

    final void writeAck() {
        if (!isByeSent) {
            tellSettled();
            write(new Control.Ack(settled()));
        }
    }

    private void tellSettled() {
        inbound.tell(settled());
        ackDeadline = NO_DEADLINE;
    }

    final void write(Control control) {
        emit(new ResumeOutput.Write(connection, control));
    }

    final void emit(ResumeOutput output) {
        ArrayDeque<ResumeOutput> more = outputs == null ? new ArrayDeque<>(1) : outputs;
        outputs = more;
        more.add(output);
    }

    /** Fails the present connection; the session goes on without it. */
    final void fail(int code, String reason, long now) {
        long failed = connection;
        detach();
        handleSuspended(now);
        emit(new ResumeOutput.Drop(failed, new CloseStatus(code, CloseCodes.limited(reason))));
    }

    /** Takes a new connection: what is written begins behind what the peer has received, what arrives behind what it was told. */
    final void attach(
            long fresh, long peerReceived, long toldReceived, long windowBytes, long windowMessages, long largest) {
        connection = fresh;
        outbound.release(peerReceived);
        written = peerReceived;
        arrived = toldReceived;
        // An offer and a hello are refused whose windows are larger than 1 GiB, and no message is larger than a window.
        peerBytes = Math.toIntExact(windowBytes);
        peerMessages = Math.toIntExact(windowMessages);
        peerLargest = (int) Math.min(largest, Integer.MAX_VALUE);
        isAsked = false;
        handleAcknowledged();
    }

    final void detach() {
        connection = NONE;
        ackDeadline = NO_DEADLINE;
    }

    final void end() {
        detach();
        isOver = true;
        budget.give(outbound.chargedBytes());
    }

    /** Returns the account of everything that was sent; with what the peer is known to have received, -1 for nothing known. */
    final SessionLoss lossOf(LossReason reason, long peerReceived) {
        return lossOf(reason, peerReceived, 0);
    }

    /** Returns the account; messages up to {@code stored} may be sent by another owner, also when none was written here. */
    final SessionLoss lossOf(LossReason reason, long peerReceived, long stored) {
        long known = Math.max(outbound.released(), peerReceived);
        // What the peer says is what it will answer for. A former owner may have handed over more that it could not
        // commit.
        long unknown = Math.max(0, Math.max(everWritten, stored) - known);
        return new SessionLoss(reason, known, unknown, outbound.last() - known - unknown, inbound.received());
    }

    /** Forgets the session; numbers begin with 1 again. */
    final void reset() {
        detach();
        budget.give(outbound.clear());
        inbound.clear();
        written = 0;
        everWritten = 0;
        arrived = 0;
        isByeSent = false;
        incarnation++;
    }

    /** Whether this end has said bye, and was not answered yet: the session only ends, whatever comes. */
    final boolean isByeSent() {
        return isByeSent;
    }

    /** Another owner may have written everything up to this number. */
    final void noteWritten(long upTo) {
        everWritten = Math.max(everWritten, upTo);
    }

    /** Takes back a message that an earlier owner had sent. */
    final void restoreSent(M message, int bytes) {
        everWritten = outbound.add(message, bytes);
        budget.take(ReplayBuffer.costOf(bytes));
    }

    static long earlier(long one, long other) {
        if (one == NO_DEADLINE) {
            return other;
        }
        return other == NO_DEADLINE || one - other <= 0 ? one : other;
    }

    static boolean isDue(long deadline, long now) {
        return deadline != NO_DEADLINE && deadline - now <= 0;
    }

    /** Does what both ends have to do by time. */
    final void handleAckDeadline(long now) {
        if (isDue(ackDeadline, now)) {
            ackDeadline = NO_DEADLINE;
            writeAck();
        }
    }

    final long ackDeadline() {
        return ackDeadline;
    }

    // ---- for the driver ----

    /** Returns the next output, null when there is none. */
    public final @Nullable ResumeOutput poll() {
        ResumeOutput next = outputs == null ? null : outputs.poll();
        if (outputs != null && outputs.isEmpty()) {
            outputs = null;
        }
        return next;
    }

    /** The present connection, 0 for none. */
    public final long connection() {
        return connection;
    }

    /** Returns the account of what was sent if the session ended now. */
    public final SessionLoss account(LossReason reason) {
        return lossOf(reason, -1);
    }

    /** Every message up to this number is confirmed: its send may be settled. */
    public final long confirmed() {
        return outbound.released();
    }

    /** The number of the newest message that was accepted. */
    public final long sent() {
        return outbound.last();
    }

    /** The number of the last message that was written to the present connection. */
    public final long written() {
        return written;
    }

    /** The number of the last message that was received. */
    public final long received() {
        return inbound.received();
    }

    /** The last message that the application may be given. */
    public long deliverable() {
        return inbound.received();
    }

    /** Which session of this engine the numbers belong to; a client that lost one goes on with the next. */
    public final int incarnation() {
        return incarnation;
    }

    /** Tells whether the session has ended for good. */
    public final boolean isOver() {
        return isOver;
    }
}
