package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.LivenessReport.Health;
import io.everwire.PingWhen;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a connection's peer is alive: when to ping, how long to wait, when it is suspect and when dead. One per
 * connection, the same at both ends. The ping time-out is decided here and nowhere else.
 *
 * <p>The promise: a silent peer is dead within {@code pingInterval + pingTimeout} and one tick of the driver's wheel (at most
 * 50 ms); when our own process stalled meanwhile, within one more {@code pingTimeout} and the stall, once per silence. To keep
 * it with one tick and not with two, pings go out a tick early. For intervals below 100 ms the promise is two ticks.
 *
 * <table>
 * <caption>The timers; the earliest is the deadline</caption>
 * <tr><th>timer</th><th>set when</th><th>expires</th></tr>
 * <tr><td>ping</td><td>bytes arrived; in {@link PingWhen#ALWAYS} the last ping</td><td>after the interval, shortened at random anew
 *     each time: nothing synchronises the pings of many connections</td></tr>
 * <tr><td>validity ping</td><td>the last pong</td><td>{@code pingTimeout} before the validity verdict, so that it can be answered</td></tr>
 * <tr><td>confirmation ping</td><td>a message that wants one was written</td><td>after 200 ms, when no other ping is unanswered</td></tr>
 * <tr><td>suspect</td><td>a ping was flushed</td><td>after smoothed round trip + 4 × deviation; {@code pingTimeout / 2} unmeasured</td></tr>
 * <tr><td>ping-timeout</td><td>a ping was flushed, no byte since</td><td>after {@code pingTimeout}</td></tr>
 * <tr><td>no-traffic</td><td>bytes arrived</td><td>after {@code expectTraffic}</td></tr>
 * <tr><td>no-pong</td><td>the last pong</td><td>after {@code validity}, but not before a ping had its {@code pingTimeout}</td></tr>
 * <tr><td>write-timeout</td><td>the kernel took nothing though bytes wait</td><td>after the write time-out, our stalls not counted</td></tr>
 * </table>
 *
 * <p>While reading is suspended nobody can be judged by what he says. Pings then go out every interval in both modes: they are
 * all that tells the peer that we live, for we do not read his. The write time-out still holds.
 */
public final class Liveness extends Pulse implements Engine {
    /** What the driver has to do or to tell. */
    public enum Action {
        /** Nothing more to do. */
        NONE,
        /** Send a ping with {@link #pingNonce} and {@link #pingSentNanos}, ahead of queued messages. */
        SEND_PING,
        /** Tell that a ping is overdue. */
        SUSPECT,
        /** Tell that a suspect peer was heard again. */
        ALIVE,
        /** A verdict is due: read what is readable, then call {@link #handleDrained}. */
        DRAIN,
        /** Abort the connection; {@link #death} says why. Nothing follows. */
        DEAD
    }

    /**
     * Why a peer was judged dead.
     *
     * @param silentNanos how long no byte had arrived
     * @param reason {@code ping-timeout}, {@code no-traffic}, {@code no-pong} or {@code write-timeout}
     * @param grace whether a stall of our own had delayed the verdict
     * @param message a sentence with numbers
     */
    public record Death(long silentNanos, String reason, boolean grace, String message) {}

    /** A deadline handled later than this was missed by us, not by the peer. */
    static final long STALL = 100 * Nanos.MILLI;

    private final int nonceSeed;
    private LivenessState state = LivenessState.ALIVE;
    private boolean isSuspect;
    private boolean isSuspectTold;

    /** Null before the first message is written. */
    private @Nullable Confirmations confirmations;

    /**
     * Starts to watch a connection that was opened now.
     *
     * @param settings shared with other connections
     * @param nonceSeed the upper half of all nonces, whose lower half counts; unpredictable, so that nobody answers for the peer
     * @param nowNanos the present
     */
    public Liveness(LivenessSettings settings, int nonceSeed, long nowNanos) {
        super(settings, nowNanos);
        this.nonceSeed = nonceSeed;
    }

    /** Starts to watch a connection that shares its settings with no other. */
    Liveness(LivenessPolicy policy, Duration writeTimeout, DoubleSupplier random, int nonceSeed, long nowNanos) {
        this(new LivenessSettings(policy, writeTimeout, random), nonceSeed, nowNanos);
    }

    // ---- what arrives ----

    /** Any byte arrived: the peer lives. */
    public void handleBytes(long nowNanos) {
        hearByte(nowNanos);
        if (isSuspect || state == LivenessState.DRAINING) {
            isSuspect = false;
            acquit(nowNanos);
        }
        if (state == LivenessState.ALIVE) {
            forgetTrouble();
        }
    }

    /**
     * A frame has begun to arrive, or is complete: the validity clock stands still in between.
     *
     * @param isInside whether a frame is arriving
     */
    public void handleInsideFrame(boolean isInside, long nowNanos) {
        setInsideFrame(isInside, nowNanos);
    }

    /**
     * A pong arrived. It answers its ping and all earlier ones; when it answers none, it is bytes and nothing more.
     *
     * @param nonce the nonce in its payload
     * @param sentNanos the send time in its payload; only the round trip is computed from it
     * @return whether it answers a ping
     */
    public boolean handlePong(long nonce, long sentNanos, long nowNanos) {
        handleBytes(nowNanos);
        long ping = nonce - nonceBase();
        if (state == LivenessState.DEAD || !answerPing(ping, nowNanos)) {
            return false;
        }
        restartValidity(nowNanos);
        addRoundTrip(nowNanos - sentNanos);
        if (confirmations != null) {
            confirmations.answer(ping, nowNanos);
        }
        acquit(nowNanos);
        return true;
    }

    // ---- what leaves ----

    /** The kernel accepted a ping: its answer is awaited from now on. */
    public void handlePingFlushed(long nonce, long nowNanos) {
        flushPing(nonce - nonceBase(), nowNanos);
    }

    /** The peer's kernel acknowledged bytes of ours. Counts as life only while a ping waits for the kernel to take it. */
    public void handleAckProgress(long nowNanos) {
        acknowledgePings(nowNanos);
    }

    /** Returns whether a ping is on its way to the kernel: the driver should look for its acknowledgement progress. */
    public boolean wantsAckProgress() {
        return state != LivenessState.DEAD && isPingUnflushed();
    }

    /** Bytes of ours wait that the kernel does not take. */
    public void handleWriteBlocked(long nowNanos) {
        if (blockedNanos() == NO_DEADLINE) {
            trouble().blockedNanos = nowNanos;
        }
    }

    /**
     * The kernel took bytes of ours.
     *
     * @param isDrained whether nothing waits any more
     */
    public void handleWriteProgress(boolean isDrained, long nowNanos) {
        if (!isDrained) {
            trouble().blockedNanos = nowNanos;
        } else if (blockedNanos() != NO_DEADLINE) {
            trouble().blockedNanos = NO_DEADLINE;
        }
    }

    /**
     * The last byte of a message was written.
     *
     * @param wantsConfirmation whether a ping is to follow after 200 ms if none does before
     * @return the number of the message on this connection, from 1
     */
    public long handleMessageWritten(boolean wantsConfirmation, long nowNanos) {
        Confirmations kept = confirmations;
        if (kept == null) {
            kept = new Confirmations(nowNanos);
            confirmations = kept;
        }
        return kept.write(wantsConfirmation, nowNanos);
    }

    /** Pings at once, unless a ping is about to go: for a confirmation that cannot wait, for example before a close frame. */
    public void probe(long nowNanos) {
        if (state != LivenessState.DEAD) {
            ping(nowNanos);
        }
    }

    /** Returns how many messages were written. */
    public long writtenMessages() {
        return confirmations == null ? 0 : confirmations.written();
    }

    /** Returns how many messages, the first ones, the peer's endpoint has certainly read. */
    public long confirmedMessages() {
        return confirmations == null ? 0 : confirmations.confirmed();
    }

    // ---- our own faults ----
    /** We stopped reading because the application does: the peer cannot be heard, so it is not judged. */
    public void handleReadSuspended(long nowNanos) {
        if (state == LivenessState.DEAD || state == LivenessState.DEAF) {
            return;
        }
        setSuspended(true, nowNanos);
        trouble().deafNanos = nowNanos;
        transitionTo(LivenessState.DEAF);
    }

    /** We read again: silence counts from now. */
    public void handleReadResumed(long nowNanos) {
        if (state != LivenessState.DEAF) {
            return;
        }
        setSuspended(false, nowNanos);
        listenAnew(nowNanos);
        transitionTo(undecided());
    }

    /**
     * We stalled: the wheel was late, or the wall clock and the monotonic clock moved apart (sleep, SIGSTOP). What is pending gets
     * one grace round, and a peer that may have been silent for an interval meanwhile is pinged.
     *
     * @param stallNanos for how long
     */
    public void handleStall(long stallNanos, long nowNanos) {
        if (state == LivenessState.DEAD || stallNanos <= STALL) {
            return;
        }
        if (blockedNanos() != NO_DEADLINE) {
            trouble().blockedNanos += Math.min(stallNanos, nowNanos - blockedNanos());
        }
        if (state == LivenessState.DEAF) {
            return;
        }
        boolean isSilencePending = isByteAwaited()
                || Nanos.isDue(pingDeadline(), nowNanos)
                || Nanos.isDue(trafficVerdict(), nowNanos + settings.pingTimeout);
        boolean isGraceGiven = false;
        if (isSilencePending && silenceGrace() == NO_DEADLINE) {
            trouble().silenceGraceNanos = nowNanos + settings.pingTimeout;
            isGraceGiven = true;
        }
        if (settings.validity != Nanos.OFF && isPongAwaited() && validityGrace() == NO_DEADLINE) {
            trouble().validityGraceNanos = nowNanos + settings.pingTimeout;
            isGraceGiven = true;
        }
        boolean mayHaveBeenSilent = !isByteAwaited() && stallNanos >= settings.interval - (nowNanos - silenceNanos());
        if (settings.interval != Nanos.OFF && (isGraceGiven || mayHaveBeenSilent)) {
            ping(nowNanos);
        }
        acquit(nowNanos);
    }

    // ---- time ----

    @Override
    public void handleDeadline(long nowNanos) {
        handleDeadline(nowNanos, nowNanos - deadlineNanos());
    }

    /**
     * Does what is due, as {@link #handleDeadline(long)}, for a driver that knows why it is late: while it reads what others send and only has more
     * to do than it has time for, nobody stalls.
     *
     * @param stallNanos for how long it has not read before it came to this; more than the deadline is late counts as that
     */
    public void handleDeadline(long nowNanos, long stallNanos) {
        long deadline = deadlineNanos();
        if (!Nanos.isDue(deadline, nowNanos)) {
            return;
        }
        // Who was not asked yet, because we come to it late, has no reason to say anything.
        boolean isUnasked = Nanos.isDue(pingDeadline(), nowNanos) && Nanos.isDue(trafficVerdict(), nowNanos);
        long late = nowNanos - deadline;
        handleStall(isUnasked ? late : Math.min(stallNanos, late), nowNanos);
        if (Nanos.isDue(writeDeadline(), nowNanos)) {
            die("write-timeout", nowNanos);
        } else if (state == LivenessState.DRAINING && Nanos.isDue(trouble().drainUntilNanos, nowNanos)) {
            handleDrained(nowNanos);
        }
        if (state == LivenessState.DRAINING || state == LivenessState.DEAD) {
            return;
        }
        if (dueVerdict(nowNanos) != null) {
            Trouble here = trouble();
            here.drainUntilNanos = nowNanos + Nanos.TICK;
            here.isDrainTold = false;
            transitionTo(LivenessState.DRAINING);
            return;
        }
        if (Nanos.isDue(pingDeadline(), nowNanos)) {
            ping(nowNanos);
        }
        if (Nanos.isDue(suspectDeadline(), nowNanos)) {
            transitionTo(LivenessState.SUSPECT);
        }
        comeRound(nowNanos);
    }

    /** What was readable was read, after {@link Action#DRAIN}: the verdict, if the peer is still silent. */
    public void handleDrained(long nowNanos) {
        if (state != LivenessState.DRAINING) {
            return;
        }
        String reason = dueVerdict(nowNanos);
        if (reason == null) {
            transitionTo(undecided());
        } else {
            die(reason, nowNanos);
        }
    }

    @Override
    public long deadlineNanos() {
        if (state == LivenessState.DEAD) {
            return NO_DEADLINE;
        }
        if (state == LivenessState.DRAINING) {
            return Nanos.earlier(trouble().drainUntilNanos, writeDeadline());
        }
        long next = Nanos.earlier(pingDeadline(), writeDeadline());
        if (state == LivenessState.DEAF) {
            return settings.interval == Nanos.OFF ? Nanos.earlier(next, silenceNanos() + settings.expectTraffic) : next;
        }
        next = Nanos.earlier(next, suspectDeadline());
        next = Nanos.earlier(next, silenceVerdict());
        next = Nanos.earlier(next, trafficVerdict());
        return Nanos.earlier(next, validityVerdict());
    }

    /** While reading is suspended and nothing is pinged, the watchdog's timer comes round without a verdict. */
    private void comeRound(long now) {
        if (state == LivenessState.DEAF
                && settings.interval == Nanos.OFF
                && Nanos.isDue(silenceNanos() + settings.expectTraffic, now)) {
            trouble().silenceNanos = now;
        }
    }

    // ---- the rules ----

    private long pingDeadline() {
        return state == LivenessState.DEAF
                ? PingSchedule.deafDeadlineNanos(this, trouble().deafNanos)
                : PingSchedule.deadlineNanos(this, silenceNanos(), confirmations);
    }

    private long suspectDeadline() {
        return state == LivenessState.ALIVE ? overdueNanos() : NO_DEADLINE;
    }

    /** The ping time-out: no byte since the ping was flushed, or was due when it could not be flushed. */
    private long silenceVerdict() {
        return !isByteAwaited() ? NO_DEADLINE : notBefore(silenceGrace(), byteAwaitedNanos() + settings.pingTimeout);
    }

    private long trafficVerdict() {
        return settings.expectTraffic == Nanos.OFF
                ? NO_DEADLINE
                : notBefore(silenceGrace(), silenceNanos() + settings.expectTraffic);
    }

    private long validityVerdict() {
        if (settings.validity == Nanos.OFF || !isPongAwaited() || isValidityStopped()) {
            return NO_DEADLINE;
        }
        long verdict = Nanos.later(owedAt(settings.validity), pongAwaitedNanos() + settings.pingTimeout);
        return notBefore(validityGrace(), verdict);
    }

    private long writeDeadline() {
        return blockedNanos() == NO_DEADLINE ? NO_DEADLINE : blockedNanos() + settings.writeTimeout;
    }

    private static long notBefore(long grace, long verdict) {
        return grace == NO_DEADLINE ? verdict : Nanos.later(grace, verdict);
    }

    private @Nullable String dueVerdict(long now) {
        if (state == LivenessState.DEAF) {
            return null;
        }
        if (Nanos.isDue(silenceVerdict(), now)) {
            return "ping-timeout";
        }
        if (Nanos.isDue(trafficVerdict(), now)) {
            return "no-traffic";
        }
        return Nanos.isDue(validityVerdict(), now) ? "no-pong" : null;
    }

    private void ping(long now) {
        if (!isPingPending()) {
            makePing(now);
        }
    }

    /** Leaves a state that what was just heard, or a grace, has made wrong. */
    private void acquit(long now) {
        boolean isOver = state == LivenessState.SUSPECT ? !isSuspect : state == LivenessState.DRAINING;
        if (isOver && dueVerdict(now) == null) {
            transitionTo(undecided());
        }
    }

    private LivenessState undecided() {
        return isSuspect ? LivenessState.SUSPECT : LivenessState.ALIVE;
    }

    private void die(String reason, long now) {
        boolean isValidity = reason.equals("no-pong");
        boolean isGrace = (isValidity ? validityGrace() : silenceGrace()) != NO_DEADLINE;
        long sinceNanos = isValidity ? owedNanos(now) : now - heardNanos();
        long blockedNanos = blockedNanos() == NO_DEADLINE ? 0 : now - blockedNanos();
        trouble().death = new Death(
                now - heardNanos(),
                reason,
                isGrace,
                Sentences.ofDeath(settings.policy, reason, sinceNanos, blockedNanos, lastRoundTripNanos()));
        transitionTo(LivenessState.DEAD);
    }

    private void transitionTo(LivenessState next) {
        assert state.next().contains(next) : state + " does not lead to " + next;
        state = next;
        isSuspect |= next == LivenessState.SUSPECT;
    }

    // ---- what comes out ----

    /** Returns what to do next; call it until {@link Action#NONE}. */
    public Action pollAction() {
        if (state == LivenessState.DEAD) {
            boolean isTold = trouble().isDeathTold;
            trouble().isDeathTold = true;
            return isTold ? Action.NONE : Action.DEAD;
        }
        if (isSuspectTold != isSuspect) {
            isSuspectTold = isSuspect;
            return isSuspect ? Action.SUSPECT : Action.ALIVE;
        }
        if (state == LivenessState.DRAINING && !trouble().isDrainTold) {
            trouble().isDrainTold = true;
            return Action.DRAIN;
        }
        if (isPingPending()) {
            handOutPing();
            if (confirmations != null) {
                confirmations.handOut(pingsMade());
            }
            return Action.SEND_PING;
        }
        return Action.NONE;
    }

    /** Returns the nonce of the ping just polled. */
    public long pingNonce() {
        return nonceBase() + pingsMade();
    }

    private long nonceBase() {
        return (long) nonceSeed << Integer.SIZE;
    }

    /** Returns the send time of the ping just polled. */
    public long pingSentNanos() {
        return madeNanos();
    }

    /** Returns why the peer was judged dead, after {@link Action#DEAD}. */
    public Death death() {
        Death death = trouble().death;
        if (death == null) {
            throw new IllegalStateException("the peer is not dead; ask after Action.DEAD");
        }
        return death;
    }

    /** Returns what is known of the peer. */
    public LivenessReport report(long nowNanos) {
        long smoothed = smoothedNanos();
        Health known = isSuspect ? Health.SUSPECT : Health.ALIVE;
        return new LivenessReport(
                state == LivenessState.DEAD ? Health.DEAD : known,
                Duration.ofNanos(Math.max(0, nowNanos - heardNanos())),
                smoothed == UNMEASURED ? null : Duration.ofNanos(smoothed),
                pingsSent(),
                pingsAnswered());
    }
}
