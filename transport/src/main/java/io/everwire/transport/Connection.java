package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.CompressionPolicy;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.protocol.FrameReceiver;
import io.everwire.protocol.Role;
import io.everwire.session.ControlFrameBudget;
import io.everwire.session.Liveness;
import io.everwire.session.MessageClock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The driver of one WebSocket connection: the last handler of its channel after the upgrade, and the only one when there is no TLS
 * before it. It feeds the frame path and {@link PeerWatch}, and tells its {@link Owner} what came of it. A new connection is a new
 * object.
 *
 * <p><b>Thread safety.</b> Its event loop only.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final int PING_PAYLOAD_BYTES = 16;

    final int epoch;
    final Handshake handshake;
    private final Role role;
    private final Limits limits;
    private final Owner owner;
    private final Liveness liveness;
    private final @Nullable ControlFrameBudget controlFrames;
    private final Channel channel;
    private final FrameReceiver receiver;
    private final Outbound outbound;
    private final PeerWatch watch;
    private Phase phase = Phase.OPEN;
    private @Nullable Failure end;
    private @Nullable CloseStatus closeReceived;
    private @Nullable CloseStatus closeToSend;
    private boolean isReading;
    private boolean isInsideRead;
    /** When the read began that is going on. */
    private long readNanos;

    private @Nullable ScheduledFuture<?> closeDeadline;

    /** Where a connection stands; it only moves down this list. */
    private enum Phase {
        OPEN,
        /** The end is decided; what is queued is written first. */
        DRAINING,
        /** Our close frame is written; the peer's, or the end of the stream, has one deadline. */
        CLOSING,
        CLOSED
    }

    /** What a connection tells its session, always on the event loop. */
    abstract static class Owner {
        /** Takes a complete message; the receiver's payload is valid during the call. */
        abstract void handleMessage(Connection connection, boolean isText, ByteBuf payload);

        /** Returns the next message to be written, null when there is none. */
        abstract @Nullable Send pollSend(Connection connection);

        /** Takes back what was charged to the outbound queue: the kernel has it. */
        abstract void handleWritten(long bytes, int messages);

        /** Is told that a message was handed over completely, as the connection's {@code number}-th. */
        abstract void handleHanded(Send send);

        /** Is told that all messages up to this number are confirmed. */
        abstract void handleConfirmed(long number);

        /** Is told of a change in the judgement of the peer. */
        abstract void handleLiveness(Connection connection, Liveness.Action action, LivenessReport report);

        /** Is told of a verdict, just before the end. */
        abstract void handleDeath(Connection connection, Liveness.Death death);

        /** Is told the end, once. A message handed over in part only is put back first. */
        abstract void handleEnd(Connection connection, Ending ending);
    }

    /** How a connection ended. */
    record Ending(Failure failure, CloseStatus status, boolean isClean, long silentNanos, long unknownSends) {}

    Connection(
            int epoch,
            Role role,
            Channel channel,
            Wheel wheel,
            Handshake handshake,
            Limits limits,
            LivenessPolicy policy,
            @Nullable CompressionPolicy compressing,
            Owner owner) {
        this.epoch = epoch;
        this.role = role;
        this.channel = channel;
        this.handshake = handshake;
        this.limits = limits;
        this.owner = owner;
        long now = RealClock.nanos();
        liveness = new Liveness(
                policy,
                limits.writeTimeout(),
                ThreadLocalRandom.current()::nextDouble,
                MaskingKeys.drawLong() >>> 1,
                now);
        controlFrames = role == Role.SERVER ? new ControlFrameBudget(now) : null;
        Compression compression = Compression.of(role, channel, handshake, limits, compressing);
        receiver =
                new FrameReceiver(role, limits, channel.alloc(), compression == null ? null : compression.inflater());
        outbound = new Outbound(channel, role, liveness, owner, this, compression);
        MessageClock messages = new MessageClock(limits.messageTimeout());
        watch = new PeerWatch(this, owner, liveness, messages, wheel, outbound);
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
        receiver.handleBytes(bytes);
        readNanos = now;
        isInsideRead = true;
        try {
            drainEvents(now);
        } finally {
            isInsideRead = false;
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
        watch.handleRead(receiver, now);
        outbound.pump(now);
        afterInput(now);
    }

    private void drainEvents(long now) {
        for (FrameReceiver.Event event = receiver.next();
                event != FrameReceiver.Event.NEED_BYTES;
                event = receiver.next()) {
            switch (event) {
                case TEXT, BINARY -> handleMessage(event == FrameReceiver.Event.TEXT);
                case PING -> handlePing(now);
                case PONG -> handlePong(now);
                case CLOSE -> handleClose(receiver.closeStatus());
                case FAILED -> fail(Failure.Kind.PROTOCOL, receiver.failure());
                case NEED_BYTES -> throw new AssertionError("the loop ends there");
            }
        }
    }

    private void handleMessage(boolean isText) {
        // RFC 6455 §7.1.7: after failing the connection "An endpoint MUST NOT continue to attempt to process data".
        if (!isFailed()) {
            owner.handleMessage(this, isText, receiver.payload());
        }
    }

    private void handlePing(long now) {
        countControlFrame(now);
        if (phase == Phase.OPEN) {
            outbound.writePong(receiver.payload());
        }
    }

    private void handlePong(long now) {
        countControlFrame(now);
        ByteBuf payload = receiver.payload();
        if (payload.readableBytes() == PING_PAYLOAD_BYTES) {
            int index = payload.readerIndex();
            liveness.handlePong(payload.getLong(index), payload.getLong(index + Long.BYTES), now);
            owner.handleConfirmed(liveness.confirmedMessages());
        }
    }

    private void countControlFrame(long now) {
        if (controlFrames != null && phase == Phase.OPEN && controlFrames.handleControlFrame(now)) {
            fail(
                    Failure.Kind.PROTOCOL,
                    new CloseStatus(CloseCode.POLICY_VIOLATION, "more than 100 control frames a second for 10 s"));
        }
    }

    /** Handles the peer's close frame (RFC 6455 §5.5.1: "the endpoint MUST send a Close frame in response"). */
    private void handleClose(@Nullable CloseStatus status) {
        CloseStatus received = status == null ? new CloseStatus(CloseCode.NO_STATUS, "") : status;
        if (closeReceived != null) {
            return;
        }
        closeReceived = received;
        if (phase == Phase.CLOSING) {
            finishHandshake();
            return;
        }
        if (end == null) {
            end = Failure.ofClose(Failure.Kind.CLOSED_BY_PEER, received, "the peer closed the connection: " + received);
        }
        beginClose(received);
    }

    /** Fails the connection (RFC 6455 §7.1.7): everything valid is answered first, then the close frame, then the end. */
    void fail(Failure.Kind kind, CloseStatus status) {
        if (phase == Phase.OPEN) {
            end = Failure.ofClose(kind, status, "the connection was failed: " + status);
            beginClose(status);
        }
    }

    /** Closes gracefully: what is queued is written first, all within the close time-out. */
    void close(CloseStatus status) {
        if (phase == Phase.OPEN) {
            end = Failure.ofClose(Failure.Kind.CLOSED_BY_US, status, "we closed the connection: " + status);
            beginClose(status);
        }
    }

    private boolean isFailed() {
        return end != null && (end.kind() == Failure.Kind.PROTOCOL || end.kind() == Failure.Kind.MESSAGE_TIMEOUT);
    }

    private void beginClose(CloseStatus status) {
        phase = Phase.DRAINING;
        closeToSend = status;
        watch.end();
        startReading();
        closeDeadline = channel.eventLoop()
                .schedule(this::handleCloseDeadline, limits.closeTimeout().toNanos(), TimeUnit.NANOSECONDS);
        outbound.pumpAndSettle(RealClock.nanos());
    }

    /** Tells whether queued messages may still be written. A client keeps its queue for the next connection instead. */
    boolean takesSends() {
        return phase == Phase.OPEN
                || (phase == Phase.DRAINING && (role == Role.SERVER || (closeReceived == null && isClosedByUs())));
    }

    private boolean isClosedByUs() {
        return end != null && end.kind() == Failure.Kind.CLOSED_BY_US;
    }

    /** Is told by the outbound side that everything before the close frame is on its way. */
    void handleDrained() {
        CloseStatus status = closeToSend;
        if (phase == Phase.DRAINING && status != null) {
            phase = Phase.CLOSING;
            confirmLast();
            outbound.writeClose(status.code() == CloseCode.NO_STATUS ? null : status);
            if (closeReceived != null || isFailed()) {
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
                    outbound.writePing(liveness.pingNonce(), liveness.pingSentNanos(), now);
                }
            }
        }
    }

    /**
     * Ends the TCP connection after the closing handshake. The server goes first (RFC 6455 §7.1.1), by closing its sending half
     * and reading to the end, because an immediate close could turn into a reset that destroys the close frame.
     */
    private void finishHandshake() {
        if (role == Role.SERVER || end == null || isFailed()) {
            outbound.whenWritten(() -> ChannelEnds.shutdownOutput(channel));
        } else {
            // Both close frames are out: the next attempt does not wait for the server to end the TCP connection.
            outbound.whenWritten(() -> {
                ChannelEnds.sayGoodbye(channel);
                finish();
                channel.eventLoop()
                        .schedule(() -> channel.close(), limits.closeTimeout().toNanos(), TimeUnit.NANOSECONDS);
            });
        }
    }

    private void handleCloseDeadline() {
        if (phase != Phase.CLOSED) {
            reset();
        }
    }

    /** Ends the connection at once with a reset, without a closing handshake. */
    void abort(Failure failure) {
        if (phase != Phase.CLOSED) {
            end = failure;
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
            outbound.pumpAndSettle(RealClock.nanos());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (end == null) {
            end = Failure.of(Failure.Kind.CONNECTION_LOST, "the connection was lost: " + Texts.describe(cause));
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
        watch.end();
        if (closeDeadline != null) {
            closeDeadline.cancel(false);
        }
        long now = RealClock.nanos();
        long silent = liveness.report(now).lastHeard().toNanos();
        outbound.close();
        receiver.close();
        Failure failure = end != null
                ? end
                : Failure.of(Failure.Kind.CONNECTION_LOST, "the connection ended without a closing handshake");
        CloseStatus seen = closeReceived != null ? closeReceived : failure.closeStatus();
        boolean isClean = closeReceived != null && closeToSend != null;
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
            outbound.pump(now);
            afterInput(now);
        }
    }

    /** Writes a borrowed message at once, if nothing is before it; returns false when it must be queued. */
    boolean writeNow(boolean isText, ByteBuf payload) {
        return phase == Phase.OPEN && outbound.writeNow(isText, payload, isInsideRead ? readNanos : RealClock.nanos());
    }

    /** Stops reading: the application has paused and the read-ahead is full. */
    void stopReading() {
        if (isReading && phase != Phase.CLOSED) {
            isReading = false;
            channel.config().setAutoRead(false);
            watch.handleReadSuspended(RealClock.nanos());
        }
    }

    /** Reads again. */
    void startReading() {
        if (!isReading && phase != Phase.CLOSED) {
            isReading = true;
            watch.handleReadResumed(RealClock.nanos());
            channel.config().setAutoRead(true);
        }
    }

    /** Takes the message that was handed over in part only, null when there is none; called after the end. */
    @Nullable Send takeUnfinished() {
        return outbound.takeUnfinished();
    }

    LivenessReport report() {
        return liveness.report(RealClock.nanos());
    }

    boolean isOpen() {
        return phase == Phase.OPEN;
    }

    Channel channel() {
        return channel;
    }

    /** Lets the judges of the peer act, then arms their deadline. */
    void afterInput(long now) {
        watch.afterInput(now);
    }
}
