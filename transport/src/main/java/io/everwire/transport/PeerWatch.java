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
import java.util.function.BooleanSupplier;

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
    private final KernelProgress kernel = new KernelProgress();
    private final Wheel wheel;
    private final Channel channel;
    private final Outbound outbound;
    private boolean isDraining;

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
        kernel.repeatOften(channel, action == Liveness.Action.SUSPECT, report.smoothedRoundTrip());
        owner.handleLiveness(connection, action, report);
    }

    private void drain() {
        isDraining = true;
        whenReadableIsRead(this::handleDrained);
    }

    private void handleDrained() {
        isDraining = false;
        long now = RealClock.nanos();
        liveness.handleDrained(now);
        afterInput(now);
    }

    private void handleMessagesDrained() {
        long now = RealClock.nanos();
        CloseStatus verdict = messages.verdict(now);
        if (verdict != null) {
            connection.fail(Failure.Kind.MESSAGE_TIMEOUT, verdict);
        }
        afterInput(now);
    }

    /** Acts when everything was read that is readable now, which takes turns when many peers have something to say. */
    private void whenReadableIsRead(Runnable action) {
        awaitRead(EventLoops.isRead(channel.eventLoop()), action);
    }

    private void awaitRead(BooleanSupplier isRead, Runnable action) {
        Runnable look = () -> {
            if (connection.isOpen() && isRead.getAsBoolean()) {
                action.run();
            } else if (connection.isOpen()) {
                awaitRead(isRead, action);
            }
        };
        channel.eventLoop().schedule(look, DRAIN_MILLIS, TimeUnit.MILLISECONDS);
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
        if (liveness.wantsAckProgress() && kernel.hasAdvanced(channel, nowNanos)) {
            liveness.handleAckProgress(nowNanos);
        }
        outbound.noteProgress(nowNanos);
        if (!isDraining) {
            // Who is drained is judged when that is done, and not by the time it takes.
            liveness.handleDeadline(nowNanos);
        }
        if (messages.verdict(nowNanos) != null) {
            whenReadableIsRead(this::handleMessagesDrained);
        }
        afterInput(nowNanos);
    }
}
