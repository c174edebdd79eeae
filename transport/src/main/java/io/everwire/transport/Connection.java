package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessReport;
import io.everwire.protocol.FrameReceiver;
import io.everwire.protocol.Role;
import io.everwire.session.Liveness;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The driver of one WebSocket connection: the last handler of its channel after the upgrade, and the only one when there is no TLS
 * before it. It feeds the frame path and the judges of its peer, and tells its {@link ConnectionOwner} what came of it. A new connection is a new
 * object.
 *
 * <p><b>Thread safety.</b> Its event loop only.
 */
final class Connection extends PeerWatch {
    private static final int PING_PAYLOAD_BYTES = 16;

    final int epoch;
    /** Null while nothing is incomplete of what has arrived. */
    private @Nullable FrameReceiver receiver;
    /** Null while there is nothing to write, and nothing that the kernel has not taken. */
    private @Nullable Outbound outbound;

    private volatile Agreed agreed;
    private Phase phase = Phase.OPEN;
    /** Whether the peer has agreed to a session that can be resumed. */
    private final boolean isKept;

    private boolean isReading;

    /** How the connection ends. */
    static final class Farewell {
        @Nullable Failure end;

        @Nullable CloseStatus received;

        @Nullable CloseStatus toSend;

        @Nullable ScheduledFuture<?> deadline;
    }

    /** Where a connection stands; it only moves down this list. */
    private enum Phase {
        OPEN,
        /** The end is decided; what is queued is written first. */
        DRAINING,
        /** Our close frame is written; the peer's, or the end of the stream, has one deadline. */
        CLOSING,
        CLOSED
    }

    /** How a connection ended. */
    record Ending(Failure failure, CloseStatus status, boolean isClean, long silentNanos, long unknownSends) {}

    Connection(int epoch, Channel channel, Handshake handshake, BaseSession owner, boolean isKept) {
        super(owner, channel);
        this.isKept = isKept;
        this.epoch = epoch;
        agreed = role() == Role.SERVER ? owner.terms.headers.agreed(handshake, channel) : new Agreed.Own(handshake);
        Compression compression = Compression.of(role(), channel, handshake, limits(), terms().compression);
        if (compression != null) {
            receiver = new FrameReceiver(role(), limits(), channel.alloc(), compression.inflater());
            outbound = terms().newOutbound(compression).lendTo(this);
        }
        isReading = channel.config().isAutoRead();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.pipeline().get(SslHandler.class) != null) {
            ctx.pipeline().addFirst(new RawBytes(this));
        } else if (channel.config().getRecvByteBufAllocator() == ReadBuffer.OWN) {
            channel.config().setRecvByteBufAllocator(ReadBuffer.SHARED);
        }
        afterInput(RealClock.nanos());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object received) {
        if (!(received instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(received);
            return;
        }
        if (phase == Phase.CLOSED) {
            bytes.release();
            return;
        }
        long now = RealClock.nanos();
        liveness.handleBytes(now);
        FrameReceiver frames = receiver;
        if (frames == null) {
            frames = terms().borrowReceiver(channel.alloc(), isKept ? owner.link() : null);
            receiver = frames;
        }
        frames.handleBytes(bytes);
        terms().beginRead(this, now);
        try {
            drainEvents(frames, now);
        } finally {
            terms().endRead();
        }
    }

    /** Takes note of bytes that TLS may still hold back: whoever sends them lives. What follows a read follows it here, too. */
    void handleRawBytes() {
        if (phase != Phase.CLOSED) {
            liveness.handleBytes(RealClock.nanos());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        long now = RealClock.nanos();
        FrameReceiver frames = receiver;
        if (frames != null && frames.isIdle()) {
            receiver = null;
            terms().giveBack(frames, isKept);
        }
        handleRead(receiver, now);
        owner.handleReadEnd(this);
        if (phase != Phase.CLOSED) {
            outbound().pump(now);
        }
        afterInput(now);
    }

    private void drainEvents(FrameReceiver receiver, long now) {
        for (FrameReceiver.Event event = receiver.next();
                event != FrameReceiver.Event.NEED_BYTES;
                event = receiver.next()) {
            switch (event) {
                case TEXT, BINARY -> handleMessage(event == FrameReceiver.Event.TEXT, receiver.payload());
                case PING -> handlePing(receiver.payload(), now);
                case PONG -> handlePong(receiver.payload(), now);
                case CLOSE -> handleClose(receiver.closeStatus());
                case FAILED -> fail(Failure.Kind.PROTOCOL, receiver.failure());
                case NEED_BYTES -> throw new AssertionError("the loop ends there");
            }
        }
    }

    private void handleMessage(boolean isText, ByteBuf payload) {
        // RFC 6455 §7.1.7: after failing the connection "An endpoint MUST NOT continue to attempt to process data".
        if (!isFailed()) {
            owner.handleMessage(this, isText, payload);
        }
    }

    private void handlePing(ByteBuf payload, long now) {
        countControlFrame(now);
        if (phase == Phase.OPEN) {
            outbound().writePong(payload);
        }
    }

    private void handlePong(ByteBuf payload, long now) {
        boolean isAskedFor = false;
        if (payload.readableBytes() == PING_PAYLOAD_BYTES) {
            int index = payload.readerIndex();
            isAskedFor = liveness.handlePong(payload.getLong(index), payload.getLong(index + Long.BYTES), now);
            owner.handleConfirmed(liveness.confirmedMessages());
        }
        if (!isAskedFor) {
            countControlFrame(now);
        }
    }

    private void countControlFrame(long now) {
        if (role() == Role.SERVER && phase == Phase.OPEN && isFlood(now)) {
            fail(
                    Failure.Kind.PROTOCOL,
                    new CloseStatus(CloseCode.POLICY_VIOLATION, "more than 100 control frames a second for 10 s"));
        }
    }

    /** Handles the peer's close frame (RFC 6455 §5.5.1: "the endpoint MUST send a Close frame in response"). */
    private void handleClose(@Nullable CloseStatus status) {
        CloseStatus received = status == null ? new CloseStatus(CloseCode.NO_STATUS, "") : status;
        if (closeReceived() != null) {
            return;
        }
        farewell().received = received;
        if (phase == Phase.CLOSING) {
            finishHandshake();
            return;
        }
        if (end() == null) {
            farewell().end = Failure.ofClose(
                    Failure.Kind.CLOSED_BY_PEER, received, "the peer closed the connection: " + received);
        }
        beginClose(received);
    }

    /** Fails the connection (RFC 6455 §7.1.7): everything valid is answered first, then the close frame, then the end. */
    @Override
    void fail(Failure.Kind kind, CloseStatus status) {
        if (phase == Phase.OPEN) {
            farewell().end = Failure.ofClose(kind, status, "the connection was failed: " + status);
            beginClose(status);
        }
    }

    /** Closes gracefully: what is queued is written first, all within the close time-out. */
    void close(CloseStatus status) {
        if (phase == Phase.OPEN) {
            farewell().end = Failure.ofClose(Failure.Kind.CLOSED_BY_US, status, "we closed the connection: " + status);
            beginClose(status);
        }
    }

    private boolean isFailed() {
        Failure reason = end();
        return reason != null
                && (reason.kind() == Failure.Kind.PROTOCOL || reason.kind() == Failure.Kind.MESSAGE_TIMEOUT);
    }

    private void beginClose(CloseStatus status) {
        phase = Phase.DRAINING;
        farewell().toSend = status;
        endWatch();
        startReading();
        farewell().deadline = channel.eventLoop()
                .schedule(
                        this::handleCloseDeadline, terms().limits.closeTimeout().toNanos(), TimeUnit.NANOSECONDS);
        outbound().pumpAndSettle(RealClock.nanos());
    }

    /** Tells whether queued messages may still be written. A client keeps its queue for the next connection instead. */
    boolean takesSends() {
        return phase == Phase.OPEN
                || (phase == Phase.DRAINING && (role() == Role.SERVER || (closeReceived() == null && isClosedByUs())));
    }

    /** Tells whether it is of interest that a pong proves the message read. A server's session asks its client itself, and replays. */
    boolean counts(boolean isTransmission) {
        return role() == Role.CLIENT || !isTransmission;
    }

    private boolean isClosedByUs() {
        Failure reason = end();
        return reason != null && reason.kind() == Failure.Kind.CLOSED_BY_US;
    }

    /** Is told by the outbound side that everything before the close frame is on its way. */
    void handleDrained() {
        Farewell farewell = farewellIfAny();
        CloseStatus status = farewell == null ? null : farewell.toSend;
        if (phase == Phase.DRAINING && status != null) {
            phase = Phase.CLOSING;
            confirmLast();
            outbound().writeClose(status.code() == CloseCode.NO_STATUS ? null : status);
            if (closeReceived() != null || isFailed()) {
                finishHandshake();
            }
        }
    }

    /** Pings before our close frame: the pong comes before the peer's, and confirms what was sent last. */
    private void confirmLast() {
        if (isClosedByUs() && liveness.writtenMessages() > liveness.confirmedMessages()) {
            long now = RealClock.nanos();
            liveness.probe(now);
            for (Liveness.Action action = liveness.pollAction();
                    action != Liveness.Action.NONE;
                    action = liveness.pollAction()) {
                if (action == Liveness.Action.SEND_PING) {
                    outbound().writePing(liveness.pingNonce(), liveness.pingSentNanos(), now);
                }
            }
        }
    }

    /**
     * Ends the TCP connection after the closing handshake. The server goes first (RFC 6455 §7.1.1), by closing its sending half
     * and reading to the end, because an immediate close could turn into a reset that destroys the close frame.
     */
    private void finishHandshake() {
        if (role() == Role.SERVER || end() == null || isFailed()) {
            outbound().whenWritten(() -> ChannelEnds.shutdownOutput(channel));
        } else {
            // Both close frames are out: the next attempt does not wait for the server to end the TCP connection.
            outbound().whenWritten(() -> {
                ChannelEnds.sayGoodbye(channel);
                finish();
                channel.eventLoop()
                        .schedule(
                                () -> channel.close(),
                                terms().limits.closeTimeout().toNanos(),
                                TimeUnit.NANOSECONDS);
            });
        }
    }

    private void handleCloseDeadline() {
        if (phase != Phase.CLOSED) {
            reset();
        }
    }

    /** Ends the connection at once with a reset, without a closing handshake. */
    @Override
    void abort(Failure failure) {
        if (phase != Phase.CLOSED) {
            farewell().end = failure;
            reset();
        }
    }

    private void reset() {
        finish();
        ChannelEnds.reset(channel);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        finish();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (phase != Phase.CLOSED && channel.isWritable()) {
            outbound().pumpAndSettle(RealClock.nanos());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (end() == null) {
            farewell().end =
                    Failure.of(Failure.Kind.CONNECTION_LOST, "the connection was lost: " + Texts.describe(cause));
        }
        finish();
        channel.close();
    }

    /** Tells the end, once. */
    private void finish() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        endWatch();
        Farewell farewell = farewellIfAny();
        ScheduledFuture<?> deadline = farewell == null ? null : farewell.deadline;
        if (deadline != null) {
            deadline.cancel(false);
        }
        long now = RealClock.nanos();
        long silent = liveness.report(now).lastHeard().toNanos();
        if (outbound != null) {
            outbound.close();
        }
        if (receiver != null) {
            receiver.close();
        }
        Failure reason = end();
        CloseStatus received = closeReceived();
        Failure failure = reason != null
                ? reason
                : Failure.of(Failure.Kind.CONNECTION_LOST, "the connection ended without a closing handshake");
        CloseStatus seen = received != null ? received : failure.closeStatus();
        boolean isClean = received != null && farewell().toSend != null;
        CloseStatus status = seen != null && (isClean || isFailed()) ? seen : abnormal(failure);
        owner.handleEnd(
                this,
                new Ending(
                        failure, status, isClean, silent, liveness.writtenMessages() - liveness.confirmedMessages()));
    }

    private static CloseStatus abnormal(Failure failure) {
        return new CloseStatus(CloseCode.ABNORMAL, Texts.limited(failure.message()));
    }

    /** Wakes the writing side: a message waits in the queue. */
    void pump() {
        if (phase == Phase.OPEN || phase == Phase.DRAINING) {
            long now = RealClock.nanos();
            outbound().pump(now);
            afterInput(now);
        }
    }

    /** Writes a borrowed message at once, if nothing is before it; returns false when it must be queued. */
    boolean writeNow(boolean isText, ByteBuf payload, boolean isTransmission) {
        boolean isCounted = counts(isTransmission);
        return phase == Phase.OPEN && outbound().writeNow(isText, payload, isCounted, terms().nowNanos());
    }

    /** Stops reading: the application has paused and the read-ahead is full. */
    void stopReading() {
        if (isReading && phase != Phase.CLOSED) {
            isReading = false;
            channel.config().setAutoRead(false);
            suspendReading(RealClock.nanos());
        }
    }

    /** Reads again. */
    void startReading() {
        if (!isReading && phase != Phase.CLOSED) {
            isReading = true;
            resumeReading(RealClock.nanos());
            channel.config().setAutoRead(true);
        }
    }

    /** Takes the message that was handed over in part only, null when there is none; called after the end. */
    @Nullable Send takeUnfinished() {
        return outbound == null ? null : outbound.takeUnfinished();
    }

    LivenessReport report() {
        return liveness.report(RealClock.nanos());
    }

    @Override
    boolean isOpen() {
        return phase == Phase.OPEN;
    }

    Channel channel() {
        return channel;
    }

    @Override
    boolean isReading() {
        return isReading;
    }

    Terms terms() {
        return owner.terms;
    }

    private Limits limits() {
        ResumeLink link = isKept ? owner.link() : null;
        return link == null ? terms().limits : link.limits();
    }

    private Role role() {
        return owner.terms.role;
    }

    @Override
    Connection connection() {
        return this;
    }

    /** Returns what was agreed on in the opening handshake and in what followed it. */
    Handshake handshake() {
        return agreed.on(channel);
    }

    void showHandshake(Handshake handshake) {
        agreed = new Agreed.Own(handshake);
    }

    /** Returns the writing side, which is the connection's until it has nothing more to do. */
    @Override
    Outbound outbound() {
        Outbound writing = outbound;
        if (writing == null) {
            writing = terms().borrowOutbound().lendTo(this);
            outbound = writing;
        }
        return writing;
    }

    @Override
    void noteWriteProgress(long now) {
        if (outbound != null) {
            outbound.noteProgress(now);
        }
    }

    /** Lets the judges of the peer act, arms their deadline, and gives back what is not needed any more. */
    @Override
    void afterInput(long now) {
        judge(now);
        Outbound writing = outbound;
        if (writing != null && writing.isIdle()) {
            outbound = null;
            writing.comeBack();
            terms().giveBack(writing);
        }
    }
}
