package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Delivery;
import io.everwire.Failure;
import io.everwire.Limits;
import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.SessionLoss;
import io.everwire.session.Engine;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedControlException;
import io.everwire.session.resume.ResumeEngine;
import io.everwire.session.resume.ResumeOutput;
import io.everwire.session.resume.ServerResume;
import io.everwire.session.resume.TextFraming;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver of a {@link ResumeEngine}: what a session is made of beyond its connections. It gives the engine what arrives, does what
 * the engine says, and settles sends when the engine knows.
 *
 * <p><b>Thread safety.</b> The session's event loop only, but {@link #noteHanded}.
 */
final class ResumeLink extends Wheel.Entry {
    private static final Logger LOG = LoggerFactory.getLogger(ResumeLink.class);
    private static final long NONE = 0;
    /** How many control messages may wait for the connection. */
    private static final int MOST_CONTROLS = 256;
    /** So many messages are kept one by one. */
    private static final int FEW = 8;

    private final BaseSession session;
    private final ResumeEngine<Send> engine;
    private final ResumeHost host;
    /** The largest message that the peer may send, in bytes. */
    private final int largestBytes;

    /** What waits for the connection; null for nothing. */
    private @Nullable ArrayDeque<ResumeOutput.Write> controls;
    /** Null before the first message was accepted. */
    private @Nullable ArrayDeque<Send> unsettled;
    /** What was borrowed of the messages that are unsettled; null when nothing was. */
    private @Nullable KeptBytes kept;
    /** Received, and not to be delivered before the store has committed it; null for nothing. */
    private @Nullable ArrayDeque<Message> staged;

    private @Nullable Connection bound;
    private long boundNumber = NONE;
    private boolean isSettling;
    private @Nullable CloseStatus byeStatus;
    /** Messages given to the application that it has not handled yet, and how many of them are of a session that was lost. */
    private long delivered;

    private long deliveredBefore;

    ResumeLink(BaseSession session, ResumeEngine<Send> engine, ResumeHost host, int largestBytes) {
        this.session = session;
        this.engine = engine;
        this.host = host;
        this.largestBytes = largestBytes;
    }

    /** Returns the limits of a connection: the largest message may be a text that is one byte longer on the wire, or one of control. */
    Limits limits() {
        long longest = Math.max(ControlCodec.MOST_BYTES, largestBytes + 1L);
        return session.limits().withMessageBytes((int) Math.min(Integer.MAX_VALUE, longest));
    }

    /** Returns the name of the session that a server's engine has. */
    @Nullable String name() {
        return engine instanceof ServerResume<Send> server ? server.sid().toString() : null;
    }

    ResumeHost host() {
        return host;
    }

    /** Names the connection that the engine knows by this number. */
    void bind(long number, Connection connection) {
        boundNumber = number;
        bound = connection;
    }

    /** Tells whether the engine has a session to which the connection belongs, or one that waits for its next. */
    boolean isCarriedBy(Connection connection) {
        return connection == bound && engine.connection() == boundNumber && boundNumber != NONE;
    }

    /** Tells whether this connection is one of {@code everwire.v1}; otherwise it is plain. */
    boolean isOf(Connection connection) {
        return connection == bound;
    }

    /** Makes the connection a plain one. */
    void unbind() {
        bound = null;
        boundNumber = NONE;
        controls = null;
    }

    // ---- inbound ----

    void handleMessage(Connection from, boolean isText, ByteBuf payload) {
        long now = session.terms.nowNanos();
        int length = payload.readableBytes();
        TextFraming.Kind kind = isText ? kindOf(payload, length) : TextFraming.Kind.DATA;
        if (host.awaitsHello(from)) {
            Control first = kind == TextFraming.Kind.CONTROL ? parse(payload) : null;
            if (first instanceof Control.Hello hello) {
                host.handleHello(hello);
            }
            if (!host.handleFirst(from, first)) {
                session.reception().deliver(from, isText, payload, 0);
            }
            settle();
            return;
        }
        if (kind == TextFraming.Kind.CONTROL) {
            handleControl(payload, now);
            settle();
        } else {
            if (kind == TextFraming.Kind.ESCAPED) {
                payload.skipBytes(1);
            }
            if (payload.readableBytes() > largestBytes) {
                String reason =
                        "a message of " + payload.readableBytes() + " bytes exceeds the limit of " + largestBytes;
                from.fail(Failure.Kind.PROTOCOL, new CloseStatus(CloseCode.TOO_LARGE, reason));
                return;
            }
            if (engine.handleData(boundNumber, payload.readableBytes(), now)) {
                handleData(from, isText, payload);
            }
            settleUnlessReading();
        }
    }

    /** What messages lead to is done once for all of a read, at its end. */
    private void settleUnlessReading() {
        if (!session.terms.isReading(bound)) {
            settle();
        }
    }

    private static TextFraming.Kind kindOf(ByteBuf payload, int length) {
        int start = payload.readerIndex();
        byte first = length > 0 ? payload.getByte(start) : 1;
        byte second = length > 1 ? payload.getByte(start + 1) : 1;
        return TextFraming.kindOf(length, first, second);
    }

    private void handleControl(ByteBuf payload, long now) {
        try {
            engine.handleControl(boundNumber, ControlCodec.parse(payload.nioBuffer()), now);
        } catch (MalformedControlException e) {
            engine.handleMalformed(boundNumber, String.valueOf(e.getMessage()), now);
        }
    }

    private static @Nullable Control parse(ByteBuf payload) {
        try {
            return ControlCodec.parse(payload.nioBuffer());
        } catch (MalformedControlException e) {
            LOG.debug("a first message is no control message: {}", e.getMessage());
            return null;
        }
    }

    private void handleData(Connection from, boolean isText, ByteBuf payload) {
        long number = engine.received();
        if (number <= engine.deliverable() && staged == null) {
            delivered++;
            session.reception().deliver(from, isText, payload, number);
        } else {
            ArrayDeque<Message> held = staged == null ? new ArrayDeque<>() : staged;
            staged = held;
            held.addLast(Message.received(isText, payload.nioBuffer(), number));
        }
    }

    /** Returns whether there was anything. */
    private boolean deliverStaged() {
        ArrayDeque<Message> held = staged;
        if (held == null) {
            return false;
        }
        boolean hasDelivered = false;
        for (Message message = held.peekFirst();
                message != null && message.number() <= engine.deliverable();
                message = held.peekFirst()) {
            held.removeFirst();
            delivered++;
            hasDelivered = true;
            session.reception().deliverKept(message);
        }
        if (staged != null && staged.isEmpty()) {
            staged = null;
        }
        return hasDelivered;
    }

    /** Is told, on any thread, that the application has handled a message of this session. */
    void noteHanded(long number) {
        if (number == 0) {
            return;
        }
        if (session.loop().inEventLoop()) {
            handleHanded(number);
        } else {
            session.onLoop(() -> handleHanded(number));
        }
    }

    private void handleHanded(long number) {
        delivered--;
        if (deliveredBefore > 0) {
            deliveredBefore--;
            return;
        }
        // What the handler has sent comes before the word that it has returned.
        admit();
        engine.handleHanded(engine.incarnation(), number, session.terms.nowNanos());
        settleUnlessReading();
    }

    // ---- outbound ----

    /** Returns what is to be written next on this connection, null when there is nothing now. */
    @Nullable Send pollSend(Connection to) {
        if (to != bound) {
            return null;
        }
        for (ResumeOutput.Write write = nextControl(); write != null; write = nextControl()) {
            if (write.connection() == boundNumber) {
                return Send.control(ControlCodec.encode(write.control()));
            }
        }
        admit();
        settle();
        if (controls != null) {
            return pollSend(to);
        }
        Send next = engine.pollData(boundNumber);
        CloseStatus goodbye = byeStatus;
        if (next == null && goodbye != null && engine.written() >= engine.sent()) {
            byeStatus = null;
            engine.bye(goodbye.code(), goodbye.reason());
            settle();
            return pollSend(to);
        }
        return next == null ? null : next.transmission();
    }

    private ResumeOutput.@Nullable Write nextControl() {
        ResumeOutput.Write next = controls == null ? null : controls.pollFirst();
        if (controls != null && controls.isEmpty()) {
            controls = null;
        }
        return next;
    }

    /** Takes queued messages into the session as far as its window allows. */
    void admit() {
        Outbox outbox = session.outboxIfAny();
        if (outbox == null || engine.isOver() || (!isBoundAttached() && !host.admitsWhileSuspended())) {
            return;
        }
        for (Send send = outbox.pollIf(this::mayLeave); send != null; send = outbox.pollIf(this::mayLeave)) {
            outbox.handleAccepted(send);
            if (send.length > engine.largestBytes()) {
                send.release();
                Outbox.settle(
                        send,
                        Delivery.notSent("the message has " + send.length + " bytes; this resumable session takes "
                                + engine.largestBytes()
                                + ", by the windows and limits of both ends; send it in parts"));
            } else {
                accept(send);
            }
        }
    }

    private void accept(Send send) {
        send.number = engine.accept(send, send.length, session.terms.nowNanos());
        ArrayDeque<Send> sent = unsettled == null ? new ArrayDeque<>(1) : unsettled;
        unsettled = sent;
        sent.addLast(send);
    }

    /**
     * Takes a borrowed message into the session and writes it at once, if nothing is before it and the session has room for it; returns
     * false, and has done nothing, when it must be queued. Called on the event loop.
     */
    boolean sendNow(Connection to, boolean isText, ByteBuf payload) {
        int length = payload.readableBytes();
        boolean isNext = to == bound
                && isBoundAttached()
                && controls == null
                && byeStatus == null
                && engine.written() == engine.sent();
        boolean isEscaped = isText && length > 0 && TextFraming.needsEscape(payload.getByte(payload.readerIndex()));
        if (!isNext || isEscaped || length > engine.largestBytes() || !engine.hasRoom(length)) {
            return false;
        }
        accept(copyOf(isText, payload));
        // A store may have to have it first; then, and when there is no room, it is written like those that were
        // queued.
        if (engine.hasData(boundNumber) && to.writeNow(isText, payload, true)) {
            engine.pollData(boundNumber);
        }
        return true;
    }

    /** Copies a message: into chunks where there are several, by itself where that would take a chunk for a few bytes. */
    private Send copyOf(boolean isText, ByteBuf payload) {
        if (unsettled == null || unsettled.size() < FEW) {
            return Send.kept(isText, payload);
        }
        KeptBytes chunks = kept == null ? new KeptBytes(session.terms.spareChunks) : kept;
        kept = chunks;
        return Send.kept(isText, payload, chunks);
    }

    private boolean isBoundAttached() {
        return boundNumber != NONE && engine.connection() == boundNumber;
    }

    /** What is too large for the peer leaves the queue, too, to be told so. */
    private boolean mayLeave(int bytes) {
        return (bytes > engine.largestBytes() && engine.largestBytes() > 0) || engine.hasRoom(bytes);
    }

    /** Ends the session in agreement, behind everything that the window lets out. */
    void endWith(CloseStatus status) {
        byeStatus = status;
    }

    // ---- what the engine says ----

    /** Does what the engine says, settles sends, and arms the deadline. */
    void settle() {
        if (isSettling) {
            return;
        }
        isSettling = true;
        try {
            boolean hasMore = true;
            while (hasMore) {
                hasMore = false;
                for (ResumeOutput output = engine.poll(); output != null; output = engine.poll()) {
                    execute(output);
                    hasMore = true;
                }
                confirm(engine.confirmed());
                // A listener that is called here may bring the engine to say more.
                hasMore |= deliverStaged();
            }
        } finally {
            isSettling = false;
        }
        if (engine.deadlineNanos() != Engine.NO_DEADLINE) {
            session.terms.wheel.arm(this, engine.deadlineNanos());
        } else {
            session.terms.wheel.disarm(this);
        }
        // Without a connection nothing takes what waits, and a turn that asks for the next one would keep the event
        // loop
        // from reading.
        if (session.connection() != null && (controls != null || engine.hasData(boundNumber))) {
            session.schedulePump();
        }
    }

    /** Keeps a control message until the connection takes it. A peer that asks and does not read costs no more than some of them. */
    private void keep(ResumeOutput.Write write) {
        ArrayDeque<ResumeOutput.Write> waiting = controls == null ? new ArrayDeque<>(1) : controls;
        controls = waiting;
        ResumeOutput.Write last = waiting.peekLast();
        boolean saysMore = last != null
                && last.connection() == write.connection()
                && last.control() instanceof Control.Ack
                && write.control() instanceof Control.Ack;
        if (saysMore) {
            waiting.removeLast();
        }
        waiting.addLast(write);
        Connection asking = bound;
        if (waiting.size() > MOST_CONTROLS && asking != null && write.connection() == boundNumber) {
            controls = null;
            asking.abort(Failure.of(
                    Failure.Kind.CONNECTION_LOST,
                    "the peer asks and does not read: " + MOST_CONTROLS + " answers wait for it"));
        }
    }

    private void execute(ResumeOutput output) {
        if (LOG.isTraceEnabled()) {
            LOG.trace("{} {}", session.id(), Texts.printable(output.getClass().getSimpleName()));
        }
        if (output instanceof ResumeOutput.Write write) {
            keep(write);
        } else if (output instanceof ResumeOutput.Drop drop) {
            host.handleDrop(drop, drop.connection() == boundNumber ? bound : null);
        } else if (output instanceof ResumeOutput.Begun begun) {
            host.handleBegun(begun);
        } else if (output instanceof ResumeOutput.Resumed resumed) {
            host.handleResumed(resumed);
        } else if (output instanceof ResumeOutput.Lost lost) {
            settleLost(lost.loss());
            deliveredBefore = delivered;
            host.handleLost(lost.loss());
        } else if (output instanceof ResumeOutput.Ended ended) {
            host.handleEnded(ended);
        } else if (output instanceof ResumeOutput.Moved moved) {
            host.handleMoved(moved);
        } else if (output instanceof ResumeOutput.StoreWrite write) {
            host.handleStoreWrite(write);
        }
    }

    private void confirm(long upTo) {
        ArrayDeque<Send> sent = unsettled;
        if (sent == null) {
            return;
        }
        for (Send send = sent.peekFirst(); send != null && send.number <= upTo; send = sent.peekFirst()) {
            sent.removeFirst();
            send.release();
            Outbox.settle(send, Delivery.CONFIRMED);
        }
        if (sent.isEmpty()) {
            kept = null;
        }
    }

    private @Nullable Send pollUnsettled() {
        return unsettled == null ? null : unsettled.pollFirst();
    }

    private void settleLost(SessionLoss loss) {
        confirm(loss.delivered());
        String reason = "the session was lost (" + loss.reason().word() + ")";
        for (Send send = pollUnsettled(); send != null; send = pollUnsettled()) {
            send.release();
            boolean isInDoubt = send.number <= loss.delivered() + loss.unknown();
            Outbox.settle(send, isInDoubt ? Delivery.unknown(reason) : Delivery.notSent(reason));
        }
    }

    /** Settles what was sent as in doubt: somebody else may go on with the session. */
    void leave(String reason) {
        confirm(engine.confirmed());
        for (Send send = pollUnsettled(); send != null; send = pollUnsettled()) {
            send.release();
            Outbox.settle(send, Delivery.unknown(reason));
        }
    }

    /** Settles everything for good; nothing is written any more. */
    void end() {
        settleLost(engine.account(LossReason.ENDED));
        session.terms.wheel.disarm(this);
        controls = null;
    }

    /** Makes the driver's record of messages that an earlier owner has sent. */
    static Send restored(Message message) {
        return Outbox.sendOf(message, io.everwire.SendOptions.DEFAULT, null);
    }

    @Override
    void handleTick(long nowNanos, long stallNanos) {
        engine.handleDeadline(nowNanos);
        host.handleDeadline(nowNanos);
        settle();
    }
}
