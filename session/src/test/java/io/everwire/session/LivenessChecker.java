package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.session.Liveness.Action;
import java.util.ArrayList;
import java.util.List;

/**
 * The promises of {@link Liveness}, kept by bookkeeping of its own. It is told every input and sees every output.
 *
 * <p>Life, for the bound, is the last byte, the end of a suspension, or what a blocked ping allows: acknowledgement progress, or
 * the kernel taking the ping late.
 */
final class LivenessChecker {
    private final long interval;
    private final long pingTimeout;
    private final long expectTraffic;
    private final long validity;
    private final long writeTimeout;

    private long lifeNanos;
    private long byteNanos;
    private long pongNanos;
    private long blockedNanos = Engine.NO_DEADLINE;
    private long drainNanos = Engine.NO_DEADLINE;
    private long silenceGrace;
    private long stalls;
    private boolean isDeaf;
    private boolean isSuspect;
    private boolean isDead;
    private boolean wasPingedSinceByte;
    private boolean isPingUnflushed;

    /** Messages written before each ping, by the ping's number less one. */
    final List<Long> writtenBefore = new ArrayList<>();

    private long written;
    private long confirmable;
    private long confirmed;
    private long answered;
    private long flushed;

    LivenessChecker(LivenessPolicy policy, long writeTimeout, long now) {
        interval = Nanos.orOff(policy.pingInterval());
        pingTimeout = Nanos.of(policy.pingTimeout());
        expectTraffic = Nanos.orOff(policy.expectTraffic());
        validity = Nanos.orOff(policy.validity());
        this.writeTimeout = writeTimeout;
        lifeNanos = now;
        byteNanos = now;
        pongNanos = now;
    }

    boolean isDeaf() {
        return isDeaf;
    }

    boolean isDraining() {
        return drainNanos != Engine.NO_DEADLINE;
    }

    long pings() {
        return writtenBefore.size();
    }

    long answered() {
        return answered;
    }

    // ---- inputs ----

    void onBytes(long now) {
        byteNanos = now;
        hearLife(now);
        stalls = 0;
        silenceGrace = 0;
        wasPingedSinceByte = false;
    }

    void onPong(long ping, long now) {
        onBytes(now);
        if (ping > answered && ping <= pings()) {
            answered = ping;
            pongNanos = now;
            confirmable = Math.max(confirmable, writtenBefore.get((int) ping - 1));
        }
    }

    void onFlushed(long ping, long now) {
        if (ping > flushed && ping <= pings()) {
            // The kernel took it because the peer's kernel made room.
            hearLife(now);
            flushed = ping;
            isPingUnflushed = ping < pings();
        }
    }

    void onAckProgress(long now) {
        if (isPingUnflushed) {
            hearLife(now);
        }
    }

    private void hearLife(long now) {
        lifeNanos = now;
    }

    void onWriteBlocked(long now) {
        blockedNanos = blockedNanos == Engine.NO_DEADLINE ? now : blockedNanos;
    }

    void onWriteProgress(boolean isDrained, long now) {
        blockedNanos = isDrained ? Engine.NO_DEADLINE : now;
    }

    void onSuspended() {
        isDeaf = true;
        drainNanos = Engine.NO_DEADLINE;
    }

    void onResumed(long now) {
        if (isDeaf) {
            isDeaf = false;
            onBytes(now);
            byteNanos = now;
        }
    }

    void onWritten() {
        written++;
    }

    /** A stall prolongs the bound by itself, and by one grace a silence. */
    void onStall(long stallNanos) {
        // A stall may fall between a drain and its verdict: the grace then ends with a second drain.
        stalls += stallNanos;
        silenceGrace = pingTimeout + 2 * Nanos.TICK;
    }

    // ---- outputs ----

    void onAction(Action action, Liveness engine, long now) {
        require(!isDead, "spoke after DEAD: " + action);
        switch (action) {
            case SEND_PING -> {
                writtenBefore.add(written);
                require(engine.pingNonce() - LivenessSubject.NONCE_BASE == pings(), "a nonce is out of order");
                wasPingedSinceByte = true;
                isPingUnflushed = true;
            }
            case SUSPECT -> {
                require(!isSuspect, "SUSPECT twice");
                require(wasPingedSinceByte, "SUSPECT without a ping");
                isSuspect = true;
            }
            case ALIVE -> {
                require(isSuspect, "ALIVE without SUSPECT");
                isSuspect = false;
            }
            case DRAIN -> drainNanos = now;
            case DEAD -> judgeDeath(engine.death(), now);
            case NONE -> throw new AssertionError("NONE is no action");
        }
    }

    private void judgeDeath(Liveness.Death death, long now) {
        isDead = true;
        boolean isWrite = death.reason().equals("write-timeout");
        require(isWrite || drainNanos != Engine.NO_DEADLINE, "dead without reading what was readable");
        require(isWrite || !isDeaf, "dead while reading was suspended");
        switch (death.reason()) {
            case "ping-timeout" -> {
                require(wasPingedSinceByte, "dead without a ping");
                require(now - byteNanos >= pingTimeout, "dead " + (now - byteNanos) + " ns after a byte");
            }
            case "no-traffic" -> require(now - byteNanos >= expectTraffic, "dead before expectTraffic");
            case "no-pong" -> require(now - pongNanos >= validity, "dead before validity");
            case "write-timeout" ->
                require(
                        blockedNanos != Engine.NO_DEADLINE && now - blockedNanos >= writeTimeout,
                        "dead before the write time-out");
            default -> throw new AssertionError("an unknown reason: " + death.reason());
        }
        require(death.message().matches(".*\\d.*"), "a message without numbers: " + death.message());
    }

    /** After an input and its outputs. */
    void check(LivenessSubject subject, long now) {
        long deadline = subject.deadlineNanos();
        if (isDead) {
            require(deadline == Engine.NO_DEADLINE, "a deadline after DEAD");
        } else {
            require(deadline != Engine.NO_DEADLINE, "an open connection without a deadline");
            requireBound(deadline, now);
        }
        long nowConfirmed = subject.confirmedMessages();
        require(nowConfirmed >= confirmed, "a confirmation was taken back");
        require(
                nowConfirmed == confirmable || (isDead && nowConfirmed < confirmable),
                "confirmed " + nowConfirmed + ", but a pong proves " + confirmable);
        confirmed = nowConfirmed;
    }

    private void requireBound(long deadline, long now) {
        if (isDeaf) {
            return;
        }
        long bound = interval == Nanos.OFF ? expectTraffic : interval + pingTimeout;
        bound += silenceGrace + stalls;
        // While the drain is awaited, a tick more; the tick by which the driver may be late is in `now`.
        long tick = isDraining() ? 2 * Nanos.TICK : 0;
        require(
                deadline - lifeNanos <= bound + tick,
                "the deadline is " + (deadline - lifeNanos - bound) + " ns past the bound");
        require(now - lifeNanos <= bound + 2 * Nanos.TICK, "alive " + (now - lifeNanos - bound) + " ns past the bound");
    }

    /** After a deadline was handled on time. */
    void checkProgress(LivenessSubject subject, long now) {
        require(isDead || subject.deadlineNanos() - now > 0, "a deadline was handled and is still due");
    }

    void onDrained() {
        if (!isDead) {
            drainNanos = Engine.NO_DEADLINE;
        }
    }

    private static void require(boolean isKept, String broken) {
        if (!isKept) {
            throw new AssertionError(broken);
        }
    }
}
