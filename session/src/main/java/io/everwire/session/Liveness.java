package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.LivenessReport.Health;
import io.everwire.PingWhen;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
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
public final class Liveness implements Engine {
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

    /** Where the judgement stands, with the states that may follow. */
    enum State {
        /** Heard, or not yet overdue. */
        ALIVE,
        /** A ping is overdue. */
        SUSPECT,
        /** Reading is suspended: no verdicts. */
        DEAF,
        /** A verdict is due, and what is readable is read first. */
        DRAINING,
        /** The end. */
        DEAD;

        Set<State> next() {
            return switch (this) {
                case ALIVE -> EnumSet.of(SUSPECT, DEAF, DRAINING, DEAD);
                case SUSPECT -> EnumSet.of(ALIVE, DEAF, DRAINING, DEAD);
                case DEAF -> EnumSet.of(ALIVE, SUSPECT, DEAD);
                case DRAINING -> EnumSet.of(ALIVE, SUSPECT, DEAF, DEAD);
                case DEAD -> EnumSet.noneOf(State.class);
            };
        }
    }

    /** A deadline handled later than this was missed by us, not by the peer. */
    static final long STALL = 100 * Nanos.MILLI;

    private static final long CONFIRM_AFTER = 200 * Nanos.MILLI;
    private static final long OFF = -1;
    private static final long NO_PING = 0;

    private final LivenessPolicy policy;
    private final long interval;
    private final long pingTimeout;
    private final long expectTraffic;
    private final long validity;
    private final long writeTimeout;
    private final DoubleSupplier random;
    private final long nonceBase;

    private State state = State.ALIVE;
    private Health health = Health.ALIVE;
    private Health told = Health.ALIVE;
    private boolean isDrainTold;
    private @Nullable Death death;

    /** The last byte. */
    private long heardNanos;

    /** The last byte, or later: when reading was resumed. */
    private long silenceNanos;

    /** The first ping since the last byte, and since when its answer is awaited. */
    private long silencePing = NO_PING;

    private long silenceAwaitedNanos;

    /** The first ping since the last pong, and since when its answer is awaited. */
    private long pongPing = NO_PING;

    private long pongAwaitedNanos;

    /** Until when a stall of ours puts off verdicts; one grace per silence, and one per validity period. */
    private long silenceGraceNanos = NO_DEADLINE;

    private long validityGraceNanos = NO_DEADLINE;

    /** Pings are numbered from 1; their nonce is {@code nonceBase} plus the number. */
    private long sentPings;

    private long flushedPings;
    private long answeredPings;
    private boolean isPingPending;
    private long pingNanos;
    private long pongNanos;

    /** The ping that was sent for the sake of the validity period. */
    private long validityPing = NO_PING;

    /** The interval, shortened anew by each ping. */
    private long period;

    private long drainUntilNanos;
    private long deafNanos;
    private long blockedNanos = NO_DEADLINE;
    private final ValidityClock validityClock;
    private final RoundTrip roundTrip;
    private final Confirmations confirmations;

    /**
     * Starts to watch a connection that was opened now.
     *
     * @param policy the durations and modes
     * @param writeTimeout how long the kernel may take no byte of ours although some wait
     * @param random values in [0, 1) that shorten the ping intervals
     * @param nonceBase the nonce of the first ping, less one; unpredictable, so that nobody answers for the peer
     * @param nowNanos the present
     */
    public Liveness(
            LivenessPolicy policy, Duration writeTimeout, DoubleSupplier random, long nonceBase, long nowNanos) {
        this.policy = policy;
        this.interval = nanosOrOff(policy.pingInterval());
        this.pingTimeout = Nanos.of(policy.pingTimeout());
        this.expectTraffic = nanosOrOff(policy.expectTraffic());
        this.validity = nanosOrOff(policy.validity());
        this.writeTimeout = Nanos.of(writeTimeout);
        this.random = random;
        this.nonceBase = nonceBase;
        this.heardNanos = nowNanos;
        this.silenceNanos = nowNanos;
        this.pingNanos = nowNanos;
        this.pongNanos = nowNanos;
        this.validityClock = new ValidityClock(nowNanos);
        this.roundTrip = new RoundTrip();
        this.confirmations = new Confirmations();
        drawPeriod();
    }

    private static long nanosOrOff(@Nullable Duration duration) {
        return duration == null ? OFF : Nanos.of(duration);
    }

    // ---- what arrives ----

    /** Any byte arrived: the peer lives. */
    public void handleBytes(long nowNanos) {
        heardNanos = nowNanos;
        silenceNanos = nowNanos;
        silencePing = NO_PING;
        silenceGraceNanos = NO_DEADLINE;
        if (health == Health.SUSPECT || state == State.DRAINING) {
            health = Health.ALIVE;
            acquit(nowNanos);
        }
    }

    /**
     * A frame has begun to arrive, or is complete: the validity clock stands still in between.
     *
     * @param isInside whether a frame is arriving
     * @param nowNanos the present
     */
    public void handleInsideFrame(boolean isInside, long nowNanos) {
        validityClock.setInsideFrame(isInside, nowNanos);
    }

    /**
     * A pong arrived. It answers its ping and all earlier ones; when it answers none, it satisfies nothing.
     *
     * @param nonce the nonce in its payload
     * @param sentNanos the send time in its payload; only the round trip is computed from it
     * @param nowNanos the present
     */
    public void handlePong(long nonce, long sentNanos, long nowNanos) {
        long ping = nonce - nonceBase;
        if (state == State.DEAD || ping <= answeredPings || ping > sentPings - (isPingPending ? 1 : 0)) {
            return;
        }
        answeredPings = ping;
        pongPing = ping == sentPings ? NO_PING : ping + 1;
        pongAwaitedNanos = nowNanos;
        validityClock.restart(nowNanos);
        validityGraceNanos = NO_DEADLINE;
        pongNanos = nowNanos;
        roundTrip.add(nowNanos - sentNanos);
        confirmations.answer(ping);
        acquit(nowNanos);
    }

    // ---- what leaves ----

    /** The kernel accepted a ping: its answer is awaited from now on. */
    public void handlePingFlushed(long nonce, long nowNanos) {
        long ping = nonce - nonceBase;
        if (ping <= flushedPings || ping > sentPings) {
            return;
        }
        if (flushedPings < silencePing && silencePing <= ping) {
            silenceAwaitedNanos = nowNanos;
        }
        if (flushedPings < pongPing && pongPing <= ping) {
            pongAwaitedNanos = nowNanos;
        }
        flushedPings = ping;
    }

    /** The peer's kernel acknowledged bytes of ours. Counts as life only while a ping waits for the kernel to take it. */
    public void handleAckProgress(long nowNanos) {
        if (silencePing > flushedPings) {
            silenceAwaitedNanos = nowNanos;
        }
        if (pongPing > flushedPings) {
            pongAwaitedNanos = nowNanos;
        }
    }

    /** Returns whether a ping is on its way to the kernel: the driver should look for its acknowledgement progress. */
    public boolean wantsAckProgress() {
        return state != State.DEAD && sentPings > flushedPings;
    }

    /** Bytes of ours wait that the kernel does not take. */
    public void handleWriteBlocked(long nowNanos) {
        if (blockedNanos == NO_DEADLINE) {
            blockedNanos = nowNanos;
        }
    }

    /**
     * The kernel took bytes of ours.
     *
     * @param isDrained whether nothing waits any more
     * @param nowNanos the present
     */
    public void handleWriteProgress(boolean isDrained, long nowNanos) {
        blockedNanos = isDrained ? NO_DEADLINE : nowNanos;
    }

    /**
     * The last byte of a message was written.
     *
     * @param wantsConfirmation whether a ping is to follow after 200 ms if none does before
     * @param nowNanos the present
     * @return the number of the message on this connection, from 1
     */
    public long handleMessageWritten(boolean wantsConfirmation, long nowNanos) {
        return confirmations.write(wantsConfirmation, nowNanos);
    }

    /** Returns how many messages were written. */
    public long writtenMessages() {
        return confirmations.written();
    }

    /** Returns how many messages, the first ones, the peer's endpoint has certainly read. */
    public long confirmedMessages() {
        return confirmations.confirmed();
    }

    // ---- our own faults ----

    /** We stopped reading because the application does: the peer cannot be heard, so it is not judged. */
    public void handleReadSuspended(long nowNanos) {
        if (state == State.DEAD || state == State.DEAF) {
            return;
        }
        validityClock.setSuspended(true, nowNanos);
        deafNanos = nowNanos;
        transitionTo(State.DEAF);
    }

    /** We read again: silence counts from now. */
    public void handleReadResumed(long nowNanos) {
        if (state != State.DEAF) {
            return;
        }
        validityClock.setSuspended(false, nowNanos);
        silenceNanos = nowNanos;
        silencePing = NO_PING;
        silenceGraceNanos = NO_DEADLINE;
        // The ping that waits for its pong gets its whole time again.
        pongAwaitedNanos = nowNanos;
        transitionTo(undecided());
    }

    /**
     * We stalled: the wheel was late, or the wall clock and the monotonic clock moved apart (sleep, SIGSTOP). What is pending gets
     * one grace round, and a peer that may have been silent for an interval meanwhile is pinged.
     *
     * @param stallNanos for how long
     * @param nowNanos the present
     */
    public void handleStall(long stallNanos, long nowNanos) {
        if (state == State.DEAD || stallNanos <= STALL) {
            return;
        }
        if (blockedNanos != NO_DEADLINE) {
            blockedNanos += Math.min(stallNanos, nowNanos - blockedNanos);
        }
        if (state == State.DEAF) {
            return;
        }
        boolean isSilencePending = silencePing != NO_PING
                || Nanos.isDue(pingDeadline(), nowNanos)
                || Nanos.isDue(trafficVerdict(), nowNanos + pingTimeout);
        boolean isGraceGiven = false;
        if (isSilencePending && silenceGraceNanos == NO_DEADLINE) {
            silenceGraceNanos = nowNanos + pingTimeout;
            isGraceGiven = true;
        }
        if (validity != OFF && pongPing != NO_PING && validityGraceNanos == NO_DEADLINE) {
            validityGraceNanos = nowNanos + pingTimeout;
            isGraceGiven = true;
        }
        boolean mayHaveBeenSilent = silencePing == NO_PING && stallNanos >= interval - (nowNanos - silenceNanos);
        if (interval != OFF && (isGraceGiven || mayHaveBeenSilent)) {
            ping(nowNanos);
        }
        acquit(nowNanos);
    }

    // ---- time ----

    @Override
    public void handleDeadline(long nowNanos) {
        long deadline = deadlineNanos();
        if (!Nanos.isDue(deadline, nowNanos)) {
            return;
        }
        if (nowNanos - deadline > STALL) {
            handleStall(nowNanos - deadline, nowNanos);
        }
        if (Nanos.isDue(writeVerdict(), nowNanos)) {
            die("write-timeout", nowNanos);
        } else if (state == State.DRAINING) {
            if (Nanos.isDue(drainUntilNanos, nowNanos)) {
                handleDrained(nowNanos);
            }
        } else if (dueVerdict(nowNanos) != null) {
            drainUntilNanos = nowNanos + Nanos.TICK;
            isDrainTold = false;
            transitionTo(State.DRAINING);
        } else {
            if (Nanos.isDue(pingDeadline(), nowNanos)) {
                ping(nowNanos);
            }
            if (Nanos.isDue(suspectDeadline(), nowNanos)) {
                transitionTo(State.SUSPECT);
            }
            comeRound(nowNanos);
        }
    }

    /** What was readable was read, after {@link Action#DRAIN}: the verdict, if the peer is still silent. */
    public void handleDrained(long nowNanos) {
        if (state != State.DRAINING) {
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
        if (state == State.DEAD) {
            return NO_DEADLINE;
        }
        if (state == State.DRAINING) {
            return Nanos.earlier(drainUntilNanos, writeVerdict());
        }
        long next = Nanos.earlier(pingDeadline(), writeVerdict());
        if (state == State.DEAF) {
            return interval == OFF ? Nanos.earlier(next, silenceNanos + expectTraffic) : next;
        }
        next = Nanos.earlier(next, suspectDeadline());
        next = Nanos.earlier(next, silenceVerdict());
        next = Nanos.earlier(next, trafficVerdict());
        return Nanos.earlier(next, validityVerdict());
    }

    /** While reading is suspended and nothing is pinged, the watchdog's timer comes round without a verdict. */
    private void comeRound(long now) {
        if (state == State.DEAF && interval == OFF && Nanos.isDue(silenceNanos + expectTraffic, now)) {
            silenceNanos = now;
        }
    }

    // ---- the rules ----

    private long pingDeadline() {
        if (isPingPending) {
            return NO_DEADLINE;
        }
        if (state == State.DEAF) {
            // Often enough for a peer with our policy, whose pings we leave unread, not to give us up.
            return interval == OFF
                    ? NO_DEADLINE
                    : Nanos.later(pingNanos, deafNanos) + Math.min(period, pingTimeout / 2);
        }
        return Nanos.earlier(intervalPing(), Nanos.earlier(validityPing(), confirmationPing()));
    }

    private long intervalPing() {
        if (interval == OFF) {
            return NO_DEADLINE;
        }
        if (policy.pingWhen() == PingWhen.ALWAYS) {
            return pingNanos + period;
        }
        return silencePing == NO_PING ? silenceNanos + period : NO_DEADLINE;
    }

    /** Once per validity period, and in time for the pong. */
    private long validityPing() {
        boolean isOff = validity == OFF || interval == OFF || validityPing > answeredPings;
        return isOff ? NO_DEADLINE : validityClock.instantOf(validityLead());
    }

    private long validityLead() {
        return Math.max(Nanos.TICK, validity - pingTimeout - Nanos.TICK);
    }

    private long confirmationPing() {
        long wanted = confirmations.wantedNanos();
        return wanted == NO_DEADLINE || sentPings != answeredPings
                ? NO_DEADLINE
                : Nanos.later(wanted + CONFIRM_AFTER, pongNanos);
    }

    private long suspectDeadline() {
        return state == State.ALIVE && silencePing != NO_PING
                ? silenceAwaitedNanos + roundTrip.overdueAfter(pingTimeout / 2)
                : NO_DEADLINE;
    }

    /** The ping time-out: no byte since the ping was flushed, or was due when it could not be flushed. */
    private long silenceVerdict() {
        return silencePing == NO_PING ? NO_DEADLINE : notBefore(silenceGraceNanos, silenceAwaitedNanos + pingTimeout);
    }

    private long trafficVerdict() {
        return expectTraffic == OFF ? NO_DEADLINE : notBefore(silenceGraceNanos, silenceNanos + expectTraffic);
    }

    private long validityVerdict() {
        if (validity == OFF || pongPing == NO_PING || validityClock.isStopped()) {
            return NO_DEADLINE;
        }
        long verdict = Nanos.later(validityClock.instantOf(validity), pongAwaitedNanos + pingTimeout);
        return notBefore(validityGraceNanos, verdict);
    }

    private long writeVerdict() {
        return blockedNanos == NO_DEADLINE ? NO_DEADLINE : blockedNanos + writeTimeout;
    }

    private static long notBefore(long grace, long verdict) {
        return grace == NO_DEADLINE ? verdict : Nanos.later(grace, verdict);
    }

    private @Nullable String dueVerdict(long now) {
        if (state == State.DEAF) {
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
        if (isPingPending) {
            return;
        }
        isPingPending = true;
        sentPings++;
        pingNanos = now;
        if (silencePing == NO_PING) {
            silencePing = sentPings;
            silenceAwaitedNanos = now;
        }
        if (pongPing == NO_PING) {
            pongPing = sentPings;
            pongAwaitedNanos = now;
        }
        if (validity != OFF && validityClock.elapsedNanos(now) >= validityLead()) {
            validityPing = sentPings;
        }
        drawPeriod();
    }

    private void drawPeriod() {
        // The tick is taken off so that a ping that is sent a tick late is not late.
        double jitter = interval * policy.pingJitter() * random.getAsDouble();
        period = interval - Math.max((long) jitter, Math.min(Nanos.TICK, interval / 2));
    }

    /** Leaves a state that what was just heard, or a grace, has made wrong. */
    private void acquit(long now) {
        boolean isOver = state == State.SUSPECT ? health == Health.ALIVE : state == State.DRAINING;
        if (isOver && dueVerdict(now) == null) {
            transitionTo(undecided());
        }
    }

    private State undecided() {
        return health == Health.SUSPECT ? State.SUSPECT : State.ALIVE;
    }

    private void die(String reason, long now) {
        boolean isValidity = reason.equals("no-pong");
        boolean isGrace = (isValidity ? validityGraceNanos : silenceGraceNanos) != NO_DEADLINE;
        long sinceNanos = isValidity ? validityClock.elapsedNanos(now) : now - heardNanos;
        death = new Death(
                now - heardNanos,
                reason,
                isGrace && blockedFor(now) < writeTimeout,
                Sentences.ofDeath(policy, reason, sinceNanos, Math.max(blockedFor(now), 0), roundTrip.last()));
        transitionTo(State.DEAD);
    }

    private long blockedFor(long now) {
        return blockedNanos == NO_DEADLINE ? OFF : now - blockedNanos;
    }

    private void transitionTo(State next) {
        assert state.next().contains(next) : state + " does not lead to " + next;
        state = next;
        if (next == State.SUSPECT) {
            health = Health.SUSPECT;
        } else if (next == State.DEAD) {
            health = Health.DEAD;
        }
    }

    // ---- what comes out ----

    /** Returns what to do next; call it until {@link Action#NONE}. */
    public Action pollAction() {
        if (state == State.DEAD) {
            boolean isTold = told == Health.DEAD;
            told = Health.DEAD;
            return isTold ? Action.NONE : Action.DEAD;
        }
        if (told != health) {
            told = health;
            return health == Health.SUSPECT ? Action.SUSPECT : Action.ALIVE;
        }
        if (state == State.DRAINING && !isDrainTold) {
            isDrainTold = true;
            return Action.DRAIN;
        }
        if (isPingPending) {
            isPingPending = false;
            confirmations.handOut(sentPings);
            return Action.SEND_PING;
        }
        return Action.NONE;
    }

    /** Returns the nonce of the ping just polled. */
    public long pingNonce() {
        return nonceBase + sentPings;
    }

    /** Returns the send time of the ping just polled. */
    public long pingSentNanos() {
        return pingNanos;
    }

    /** Returns why the peer was judged dead, after {@link Action#DEAD}. */
    public Death death() {
        if (death == null) {
            throw new IllegalStateException("the peer is not dead; ask after Action.DEAD");
        }
        return death;
    }

    /** Returns what is known of the peer. */
    public LivenessReport report(long nowNanos) {
        long smoothed = roundTrip.smoothed();
        return new LivenessReport(
                health,
                Duration.ofNanos(nowNanos - heardNanos),
                smoothed == RoundTrip.UNKNOWN ? null : Duration.ofNanos(smoothed),
                sentPings - (isPingPending ? 1 : 0),
                answeredPings);
    }
}
