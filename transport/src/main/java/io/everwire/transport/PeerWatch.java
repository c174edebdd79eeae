package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.LivenessReport;
import io.everwire.protocol.FrameReceiver;
import io.everwire.session.Engine;
import io.everwire.session.Liveness;
import io.everwire.session.MessageClock;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The driver of what judges a connection's peer, {@link Liveness} and {@link MessageClock}: does what they decide, and is their
 * place on the wheel.
 *
 * <p><b>Thread safety.</b> The connection's event loop only.
 */
final class PeerWatch extends Wheel.Entry {
    private static final long DRAIN_MILLIS = 1;
    private static final long ACK_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Connection connection;
    private final Connection.Owner owner;
    private final Liveness liveness;
    private final MessageClock messages;
    private @Nullable KernelProgress kernel;
    private final Wheel wheel;
    private final Channel channel;
    private final Outbound outbound;

    PeerWatch(
            Connection connection,
            Connection.Owner owner,
            Liveness liveness,
            MessageClock messages,
            Wheel wheel,
            Outbound outbound) {
        this.connection = connection;
        this.owner = owner;
        this.liveness = liveness;
        this.messages = messages;
        this.wheel = wheel;
        this.outbound = outbound;
        channel = connection.channel();
    }

    /** Takes note of what a read has left unfinished. */
    void handleRead(FrameReceiver receiver, long now) {
        liveness.handleInsideFrame(receiver.isInsideFrame(), now);
        messages.handleRead(receiver.isInsideMessage(), receiver.dataProgress(), now);
    }

    void handleReadSuspended(long now) {
        liveness.handleReadSuspended(now);
        messages.handleReadSuspended();
        afterInput(now);
    }

    void handleReadResumed(long now) {
        liveness.handleReadResumed(now);
        messages.handleReadResumed(now);
        afterInput(now);
    }

    /** Acts on what liveness wants, then arms the next deadline. */
    void afterInput(long now) {
        for (Liveness.Action action = liveness.pollAction();
                action != Liveness.Action.NONE && connection.isOpen();
                action = liveness.pollAction()) {
            switch (action) {
                case SEND_PING -> outbound.writePing(liveness.pingNonce(), liveness.pingSentNanos(), now);
                case SUSPECT, ALIVE -> handleHealth(action, liveness.report(now));
                case DRAIN -> drain();
                case DEAD -> die();
                case NONE -> throw new AssertionError("the loop ends there");
            }
        }
        if (connection.isOpen()) {
            // The earliest holds: what is listed is never listed later.
            wheel.arm(this, liveness.deadlineNanos());
            if (messages.deadlineNanos() != Engine.NO_DEADLINE) {
                wheel.arm(this, messages.deadlineNanos());
            }
            if (liveness.wantsAckProgress() && EventLoops.isEpoll()) {
                wheel.arm(this, now + ACK_POLL_NANOS);
            }
        }
    }

    /** Ends the watch. */
    void end() {
        wheel.disarm(this);
    }

    private void handleHealth(Liveness.Action action, LivenessReport report) {
        kernel().repeatOften(channel, action == Liveness.Action.SUSPECT, report.smoothedRoundTrip());
        owner.handleLiveness(connection, action, report);
    }

    /** What the kernel knows is asked for only when something is out of the ordinary. */
    private KernelProgress kernel() {
        KernelProgress asked = kernel;
        if (asked == null) {
            asked = new KernelProgress();
            kernel = asked;
        }
        return asked;
    }

    private void drain() {
        channel.eventLoop().schedule(this::handleReadableRead, DRAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Runs a moment after a verdict was due: the event loop has polled its channels since, so everything readable has been read. */
    private void handleReadableRead() {
        if (!connection.isOpen()) {
            return;
        }
        long now = RealClock.nanos();
        liveness.handleDrained(now);
        CloseStatus verdict = messages.verdict(now);
        if (verdict != null) {
            connection.fail(Failure.Kind.MESSAGE_TIMEOUT, verdict);
        }
        afterInput(now);
    }

    private void die() {
        Liveness.Death death = liveness.death();
        owner.handleDeath(connection, death);
        Failure.Kind kind =
                "write-timeout".equals(death.reason()) ? Failure.Kind.WRITE_TIMEOUT : Failure.Kind.PEER_DEAD;
        connection.abort(Failure.of(kind, death.message()));
    }

    @Override
    void handleTick(long nowNanos, long stallNanos) {
        if (!connection.isOpen()) {
            return;
        }
        if (stallNanos > 0) {
            liveness.handleStall(stallNanos, nowNanos);
            messages.handleStall(stallNanos, nowNanos);
        }
        if (liveness.wantsAckProgress() && kernel().hasAdvanced(channel, nowNanos)) {
            liveness.handleAckProgress(nowNanos);
        }
        outbound.noteProgress(nowNanos);
        liveness.handleDeadline(nowNanos);
        if (messages.verdict(nowNanos) != null) {
            drain();
        }
        afterInput(nowNanos);
    }
}
