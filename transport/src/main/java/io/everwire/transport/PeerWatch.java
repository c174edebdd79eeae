package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.LivenessReport;
import io.everwire.protocol.FrameReceiver;
import io.everwire.session.Engine;
import io.everwire.session.Liveness;
import io.everwire.session.MessageClock;
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
    /** Null while no message has begun without being complete. */
    private @Nullable MessageClock messages;

    private @Nullable KernelProgress kernel;

    PeerWatch(Connection connection) {
        this.connection = connection;
    }

    /** Takes note of what a read has left unfinished. */
    void handleRead(@Nullable FrameReceiver receiver, long now) {
        liveness().handleInsideFrame(receiver != null && receiver.isInsideFrame(), now);
        MessageClock clock = messages;
        if (receiver != null && receiver.isInsideMessage()) {
            if (clock == null) {
                clock = connection.terms().borrowClock();
                messages = clock;
                if (!connection.isReading()) {
                    clock.handleReadSuspended();
                }
            }
            clock.handleRead(true, receiver.dataProgress(), now);
        } else if (clock != null) {
            messages = null;
            connection.terms().giveBack(clock, now);
        }
    }

    private Liveness liveness() {
        return connection.liveness();
    }

    void handleReadSuspended(long now) {
        liveness().handleReadSuspended(now);
        if (messages != null) {
            messages.handleReadSuspended();
        }
        afterInput(now);
    }

    void handleReadResumed(long now) {
        liveness().handleReadResumed(now);
        if (messages != null) {
            messages.handleReadResumed(now);
        }
        afterInput(now);
    }

    /** Acts on what liveness wants, then arms the next deadline. */
    void afterInput(long now) {
        Liveness liveness = liveness();
        for (Liveness.Action action = liveness.pollAction();
                action != Liveness.Action.NONE && connection.isOpen();
                action = liveness.pollAction()) {
            switch (action) {
                case SEND_PING -> connection.outbound().writePing(liveness.pingNonce(), liveness.pingSentNanos(), now);
                case SUSPECT, ALIVE -> handleHealth(action, liveness.report(now));
                case DRAIN -> drain();
                case DEAD -> die();
                case NONE -> throw new AssertionError("the loop ends there");
            }
        }
        if (connection.isOpen()) {
            // The earliest holds: what is listed is never listed later.
            Wheel wheel = connection.terms().wheel;
            wheel.arm(this, liveness.deadlineNanos());
            if (messages != null && messages.deadlineNanos() != Engine.NO_DEADLINE) {
                wheel.arm(this, messages.deadlineNanos());
            }
            if (liveness.wantsAckProgress() && EventLoops.isEpoll()) {
                wheel.arm(this, now + ACK_POLL_NANOS);
            }
        }
    }

    /** Ends the watch. */
    void end() {
        connection.terms().wheel.disarm(this);
    }

    private void handleHealth(Liveness.Action action, LivenessReport report) {
        kernel().repeatOften(connection.channel(), action == Liveness.Action.SUSPECT, report.smoothedRoundTrip());
        connection.owner().handleLiveness(connection, action, report);
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
        connection.channel().eventLoop().schedule(this::handleReadableRead, DRAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Runs a moment after a verdict was due: the event loop has polled its channels since, so everything readable has been read. */
    private void handleReadableRead() {
        if (!connection.isOpen()) {
            return;
        }
        long now = RealClock.nanos();
        liveness().handleDrained(now);
        CloseStatus verdict = messages == null ? null : messages.verdict(now);
        if (verdict != null) {
            connection.fail(Failure.Kind.MESSAGE_TIMEOUT, verdict);
        }
        afterInput(now);
    }

    private void die() {
        Liveness.Death death = liveness().death();
        connection.owner().handleDeath(connection, death);
        Failure.Kind kind =
                "write-timeout".equals(death.reason()) ? Failure.Kind.WRITE_TIMEOUT : Failure.Kind.PEER_DEAD;
        connection.abort(Failure.of(kind, death.message()));
    }

    @Override
    void handleTick(long nowNanos, long stallNanos) {
        if (!connection.isOpen()) {
            return;
        }
        Liveness liveness = liveness();
        if (stallNanos > 0) {
            liveness.handleStall(stallNanos, nowNanos);
            if (messages != null) {
                messages.handleStall(stallNanos, nowNanos);
            }
        }
        if (liveness.wantsAckProgress() && kernel().hasAdvanced(connection.channel(), nowNanos)) {
            liveness.handleAckProgress(nowNanos);
        }
        connection.noteWriteProgress(nowNanos);
        liveness.handleDeadline(nowNanos);
        if (messages != null && messages.verdict(nowNanos) != null) {
            drain();
        }
        afterInput(nowNanos);
    }
}
