package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.LivenessReport;
import io.everwire.protocol.FrameReceiver;
import io.everwire.session.ControlFrameBudget;
import io.everwire.session.Engine;
import io.everwire.session.Liveness;
import io.everwire.session.MessageClock;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The driver of what judges a connection's peer, {@link Liveness} and {@link MessageClock}: does what they decide, and is their
 * place on the wheel. A superclass of {@link Connection} and not a part of it, because there are many connections.
 *
 * <p><b>Thread safety.</b> The connection's event loop only.
 */
abstract class PeerWatch extends Wheel.Entry {
    private static final long ACK_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    final BaseSession owner;
    final Channel channel;
    final Liveness liveness;
    private @Nullable Unusual unusual;

    /** What a connection has from when something is out of the ordinary: a message that came in part, a flood, a suspicion. */
    private static final class Unusual {
        /** Null while no message has begun without being complete. */
        @Nullable MessageClock messages;

        @Nullable KernelProgress kernel;

        @Nullable ControlFrameBudget controlFrames;
        /** Whether a verdict waits until everything readable has been read. */
        boolean isDraining;
        /** Whether the same is waited for because a message is late. */
        boolean isLate;
        /** Null until the end is decided. */
        Connection.@Nullable Farewell farewell;
    }

    PeerWatch(BaseSession owner, Channel channel) {
        this.owner = owner;
        this.channel = channel;
        liveness = new Liveness(owner.terms.liveness, (int) MaskingKeys.drawLong(), RealClock.nanos());
    }

    abstract boolean isOpen();

    abstract boolean isReading();

    abstract Outbound outbound();

    /** Takes note of what the kernel has taken since it was asked last. */
    abstract void noteWriteProgress(long now);

    abstract void fail(Failure.Kind kind, CloseStatus status);

    abstract void abort(Failure failure);

    /** Is called after every input. */
    abstract void afterInput(long now);

    private Unusual unusual() {
        Unusual kept = unusual;
        if (kept == null) {
            kept = new Unusual();
            unusual = kept;
        }
        return kept;
    }

    final Connection.@Nullable Farewell farewellIfAny() {
        return unusual == null ? null : unusual.farewell;
    }

    final Connection.Farewell farewell() {
        Unusual kept = unusual();
        Connection.Farewell farewell = kept.farewell;
        if (farewell == null) {
            farewell = new Connection.Farewell();
            kept.farewell = farewell;
        }
        return farewell;
    }

    /** Returns why the connection ends, null while that is not decided. */
    final @Nullable Failure end() {
        Connection.Farewell farewell = farewellIfAny();
        return farewell == null ? null : farewell.end;
    }

    /** Returns what the peer's close frame said, null while none has come. */
    final @Nullable CloseStatus closeReceived() {
        Connection.Farewell farewell = farewellIfAny();
        return farewell == null ? null : farewell.received;
    }

    private @Nullable MessageClock messages() {
        return unusual == null ? null : unusual.messages;
    }

    /** Counts a control frame that we have not asked for; returns whether they are a flood. */
    final boolean isFlood(long now) {
        Unusual kept = unusual();
        ControlFrameBudget budget = kept.controlFrames;
        if (budget == null) {
            budget = new ControlFrameBudget(now);
            kept.controlFrames = budget;
        }
        return budget.handleControlFrame(now);
    }

    /** Takes note of what a read has left unfinished. */
    final void handleRead(@Nullable FrameReceiver receiver, long now) {
        liveness.handleInsideFrame(receiver != null && receiver.isInsideFrame(), now);
        MessageClock clock = messages();
        if (receiver != null && receiver.isInsideMessage()) {
            if (clock == null) {
                clock = owner.terms.borrowClock();
                unusual().messages = clock;
                if (!isReading()) {
                    clock.handleReadSuspended();
                }
            }
            clock.handleRead(true, receiver.dataProgress(), now);
        } else if (clock != null) {
            unusual().messages = null;
            owner.terms.giveBack(clock, now);
        }
    }

    final void suspendReading(long now) {
        liveness.handleReadSuspended(now);
        MessageClock clock = messages();
        if (clock != null) {
            clock.handleReadSuspended();
        }
        afterInput(now);
    }

    final void resumeReading(long now) {
        liveness.handleReadResumed(now);
        MessageClock clock = messages();
        if (clock != null) {
            clock.handleReadResumed(now);
        }
        afterInput(now);
    }

    /** Acts on what liveness wants, then arms the next deadline. */
    final void judge(long now) {
        for (Liveness.Action action = liveness.pollAction();
                action != Liveness.Action.NONE && isOpen();
                action = liveness.pollAction()) {
            switch (action) {
                case SEND_PING -> outbound().writePing(liveness.pingNonce(), liveness.pingSentNanos(), now);
                case SUSPECT, ALIVE -> handleHealth(action, liveness.report(now));
                case DRAIN -> drain();
                case DEAD -> die();
                case NONE -> throw new AssertionError("the loop ends there");
            }
        }
        if (isOpen()) {
            // The earliest holds: what is listed is never listed later.
            Wheel wheel = owner.terms.wheel;
            wheel.arm(this, liveness.deadlineNanos());
            MessageClock clock = messages();
            if (clock != null && clock.deadlineNanos() != Engine.NO_DEADLINE) {
                wheel.arm(this, clock.deadlineNanos());
            }
            if (liveness.wantsAckProgress() && EventLoops.isEpoll()) {
                wheel.arm(this, now + ACK_POLL_NANOS);
            }
        }
    }

    final void endWatch() {
        owner.terms.wheel.disarm(this);
    }

    private void handleHealth(Liveness.Action action, LivenessReport report) {
        kernel().repeatOften(
                        channel,
                        action == Liveness.Action.SUSPECT,
                        report.smoothedRoundTrip(),
                        owner.terms.liveness.longestSilence());
        owner.handleLiveness(connection(), action, report);
    }

    /** What the kernel knows is asked for only when something is out of the ordinary. */
    private KernelProgress kernel() {
        KernelProgress asked = unusual().kernel;
        if (asked == null) {
            asked = new KernelProgress();
            unusual().kernel = asked;
        }
        return asked;
    }

    private void drain() {
        unusual().isDraining = true;
        whenReadableIsRead(this::handleDrained);
    }

    private void handleDrained() {
        unusual().isDraining = false;
        long now = RealClock.nanos();
        liveness.handleDrained(now);
        afterInput(now);
    }

    private void handleMessagesDrained() {
        unusual().isLate = false;
        long now = RealClock.nanos();
        MessageClock clock = messages();
        CloseStatus verdict = clock == null ? null : clock.verdict(now);
        if (verdict != null) {
            fail(Failure.Kind.MESSAGE_TIMEOUT, verdict);
        }
        afterInput(now);
    }

    private void whenReadableIsRead(Runnable action) {
        EventLoops.whenRead(channel.eventLoop(), this::isOpen, action);
    }

    private void die() {
        Liveness.Death death = liveness.death();
        owner.handleDeath(connection(), death);
        Failure.Kind kind =
                "write-timeout".equals(death.reason()) ? Failure.Kind.WRITE_TIMEOUT : Failure.Kind.PEER_DEAD;
        abort(Failure.of(kind, death.message()));
    }

    abstract Connection connection();

    @Override
    final void handleTick(long nowNanos, long stallNanos) {
        if (!isOpen()) {
            return;
        }
        MessageClock clock = messages();
        if (stallNanos > 0) {
            liveness.handleStall(stallNanos, nowNanos);
            if (clock != null) {
                clock.handleStall(stallNanos, nowNanos);
            }
        }
        if (liveness.wantsAckProgress() && kernel().hasAdvanced(channel, nowNanos)) {
            liveness.handleAckProgress(nowNanos);
        }
        noteWriteProgress(nowNanos);
        if (unusual == null || !unusual.isDraining) {
            // Who is drained is judged when that is done, and not by the time it takes.
            liveness.handleDeadline(nowNanos, owner.terms.wheel.lateNanos());
        }
        if (clock != null && !unusual().isLate && clock.verdict(nowNanos) != null) {
            unusual().isLate = true;
            whenReadableIsRead(this::handleMessagesDrained);
        }
        afterInput(nowNanos);
    }
}
