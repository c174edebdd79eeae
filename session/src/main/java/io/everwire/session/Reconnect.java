package io.everwire.session;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.ReconnectPolicy;
import io.everwire.RequestSupplier;
import io.everwire.RetryClass;
import io.everwire.SessionEvent;
import io.everwire.SessionState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a client's session dials, when it gives an attempt up, and when it ends. One per session; connections come and go,
 * counted by {@code epoch}. The first connection is attempted exactly like every other.
 *
 * <p>Every state has a deadline, but four: {@code IDLE} waits for {@link #start}, {@code CLOSED} is the end, and an {@code OPEN}
 * connection that has become stable is watched by its own {@link Liveness}. Nothing leaves {@code CLOSED}.
 *
 * <p>Probes are TCP connects. When the network is gone they race: the next one starts without waiting for the last one's time-out.
 * Then one goes on to the upgrade. Everything that is dialed or upgraded passes the session's and the host's budget; the time spent
 * waiting for a budget is no part of an attempt's deadline.
 */
public final class Reconnect implements Engine {
    private final ReconnectPolicy policy;
    private final long connectTimeout;
    private final long closeTimeout;
    private final Delays delays;
    private final Allowance allowance;
    private final Outage outage;
    private final Judge judge;
    private final Probes probes = new Probes();
    private final Gaps gaps = new Gaps();
    private final Supplied supplied = new Supplied();
    private final Queue<ReconnectOutput> outputs = new ArrayDeque<>();
    private ReconnectState state = ReconnectState.IDLE;
    /** When the state ends by itself; while probes race, when the next one starts. */
    private long untilNanos = NO_DEADLINE;
    /** What is left of {@code connectTimeout} after the supplier took its part. */
    private long probeTimeNanos;
    /** Whether the server named the time until which the session waits. */
    private boolean isWaitNamed;

    private long lastAttempt;
    private long lastProbe;
    private int rotation;
    private int epoch;
    private CloseStatus closing = CloseStatus.NORMAL;

    /**
     * Makes the engine of a session that is not started.
     *
     * @param policy deadlines, delays, budgets
     * @param closeTimeout the deadline of a graceful close
     * @param hostBudget shared by the sessions to a host
     * @param random values in [0, 1) for every jitter
     */
    public Reconnect(
            ReconnectPolicy policy,
            Duration closeTimeout,
            HostBudget hostBudget,
            DoubleSupplier random,
            long nowNanos) {
        this.policy = policy;
        this.connectTimeout = Nanos.of(policy.connectTimeout());
        this.closeTimeout = Nanos.of(closeTimeout);
        delays = new Delays(policy.backoff(), random);
        this.allowance = new Allowance(policy.upgradesPerMinute(), policy.probesPerMinute(), hostBudget, nowNanos);
        this.outage = new Outage(delays, nowNanos);
        this.judge = new Judge(policy);
    }

    // ---- commands ----

    /** Starts the first attempt; ignored when the session was started or closed before. */
    public void start(long nowNanos) {
        if (state == ReconnectState.IDLE) {
            outage.begin(nowNanos);
            startAttempt(nowNanos);
        }
    }

    /**
     * Ends the session: cancels every attempt, and closes a connection gracefully within the close time-out. Works in every state;
     * only the first call counts.
     */
    public void close(CloseStatus status, long nowNanos) {
        if (state == ReconnectState.CLOSING || state == ReconnectState.CLOSED) {
            return;
        }
        if (state == ReconnectState.READYING || state == ReconnectState.OPEN) {
            closing = status;
            outputs.add(new ReconnectOutput.CloseConnection(epoch, status));
            untilNanos = nowNanos + closeTimeout;
            transitionTo(ReconnectState.CLOSING);
        } else {
            end(status, false, Sentences.closedByUs(status));
        }
    }

    /** Attempts at once, within the budget, when the session waits or connects; otherwise does nothing. */
    public void reconnectNow(long nowNanos) {
        if (state == ReconnectState.WAITING) {
            untilNanos = nowNanos;
        } else if (state == ReconnectState.PROBING) {
            // The kernel repeats a lost SYN ever more rarely: a new one may get through where an old one sleeps.
            untilNanos = Nanos.earlier(untilNanos, outage.soonestStartNanos(nowNanos));
        } else {
            return;
        }
        handleDeadline(nowNanos);
    }

    /** The machine's interfaces or addresses changed, or it woke from sleep: as {@link #reconnectNow}, but a server's wish counts. */
    public void handleNetworkChange(long nowNanos) {
        if (state != ReconnectState.WAITING || !isWaitNamed) {
            reconnectNow(nowNanos);
        }
    }

    // ---- an attempt ----

    private void startAttempt(long now) {
        lastAttempt++;
        tell(new SessionEvent.Connecting(epoch, outage.nextAttempt()));
        outage.startOne(now);
        if (supplied.isUsable(now, outage.isProportional())) {
            probeTimeNanos = connectTimeout;
            untilNanos = now;
            transitionTo(ReconnectState.PROBING);
            startProbe(now);
        } else {
            untilNanos = now + connectTimeout;
            boolean forceRefresh = outage.refresh() == Outage.Refresh.DUE;
            outputs.add(new ReconnectOutput.Request(
                    new RequestSupplier.Attempt(lastAttempt, forceRefresh, outage.lastFailure())));
            transitionTo(ReconnectState.REQUESTING);
        }
    }

    /** The supplier delivered the request. */
    public void handleRequest(long nowNanos) {
        if (state != ReconnectState.REQUESTING) {
            return;
        }
        if (Nanos.isDue(untilNanos, nowNanos)) {
            failAttempt(Sentences.lateRequest(policy), nowNanos);
            return;
        }
        supplied.deliver(nowNanos);
        outage.spendRefresh();
        probeTimeNanos = untilNanos - nowNanos;
        transitionTo(ReconnectState.PROBING);
        startProbe(nowNanos);
    }

    /** The supplier failed. */
    public void handleRequestFailed(Failure failure, long nowNanos) {
        if (state == ReconnectState.REQUESTING) {
            failAttempt(failure, nowNanos);
        }
    }

    private void startProbe(long now) {
        long at = allowance.probeAt(now);
        if (at - now > 0) {
            untilNanos = at;
            return;
        }
        allowance.useProbe(now);
        if (probes.isFull()) {
            cancel(probes.removeSecondOldest().id());
        }
        if (!probes.isEmpty()) {
            outage.nextAttempt();
            lastAttempt++;
        }
        lastProbe++;
        probes.add(new Probes.Probe(lastProbe, now + probeTimeNanos));
        probeTimeNanos = connectTimeout;
        outputs.add(new ReconnectOutput.Probe(lastProbe, rotation));
        outage.startOne(now);
        untilNanos = outage.isProportional() ? outage.nextStartNanos() : NO_DEADLINE;
    }

    /** A probe is connected: it goes on, and the others are closed. */
    public void handleProbeConnected(long probe, long nowNanos) {
        if (state == ReconnectState.PROBING && probes.win(probe, nowNanos)) {
            probes.removeAll().forEach(other -> cancel(other.id()));
            upgrade(nowNanos);
        }
    }

    private void upgrade(long now) {
        long at = allowance.upgradeAt(probes.winnersPatience(now), now);
        if (at == NO_DEADLINE) {
            giveWay(now);
        } else if (at - now > 0) {
            untilNanos = at;
            if (state != ReconnectState.HOLDING) {
                transitionTo(ReconnectState.HOLDING);
            }
        } else {
            allowance.useUpgrade(now);
            supplied.use();
            outputs.add(new ReconnectOutput.Upgrade(probes.winner()));
            untilNanos = probes.upgradeDeadline(now);
            transitionTo(ReconnectState.UPGRADING);
        }
    }

    /** Too many sessions want an upgrade at once. Nobody's failure, so nothing is counted. */
    private void giveWay(long now) {
        cancelAll();
        long due = now + delays.uniform(connectTimeout / 2, connectTimeout);
        await(due, Sentences.crowded(policy.connectTimeout()), now);
    }

    /** A probe failed, or the server hung up on one that waits for its upgrade. */
    public void handleProbeFailed(long probe, Failure failure, long nowNanos) {
        if (probe != Probes.NONE && probe == probes.winner()) {
            probes.removeWinner();
            failAttempt(failure, nowNanos);
        } else if (state == ReconnectState.PROBING && probes.remove(probe)) {
            loseProbe(failure, nowNanos);
        }
    }

    private void loseProbe(Failure failure, long now) {
        RetryClass retryClass = judge.classify(failure);
        if (probes.isEmpty() || retryClass != RetryClass.NETWORK) {
            // Refused by one is refused by all: the network is back, and the server is what failed.
            failAttempt(failure, now);
            return;
        }
        outage.notice(failure, retryClass);
        if (untilNanos == NO_DEADLINE && outage.isProportional()) {
            untilNanos = Nanos.later(outage.nextStartNanos(), now);
        }
    }

    /** The upgrade is at this step; what is late is told by it. */
    public void handleUpgradeStep(long probe, UpgradeStep reached) {
        if (state == ReconnectState.UPGRADING && probe == probes.winner()) {
            probes.winnerReached(reached);
        }
    }

    /** The upgrade succeeded: a new connection. */
    public void handleUpgraded(long probe, Handshake handshake, long nowNanos) {
        if (state != ReconnectState.UPGRADING || probe != probes.winner()) {
            return;
        }
        probes.removeWinner();
        judge.handleSuccess();
        open(handshake, nowNanos);
    }

    /** An open session has a new connection that was dialed beside the old one, which is nobody's any more. */
    public void handleMoved(Handshake handshake, long nowNanos) {
        if (state == ReconnectState.OPEN) {
            if (untilNanos == NO_DEADLINE) { // The old one was stable.
                outage.begin(nowNanos);
            }
            open(handshake, nowNanos);
        }
    }

    private void open(Handshake handshake, long nowNanos) {
        epoch++;
        untilNanos = nowNanos + Nanos.of(policy.readyTimeout());
        tell(new SessionEvent.Open(epoch, handshake));
        outputs.add(new ReconnectOutput.Prepare(epoch));
        transitionTo(ReconnectState.READYING);
    }

    /** The upgrade failed. */
    public void handleUpgradeFailed(long probe, Failure failure, long nowNanos) {
        if (state == ReconnectState.UPGRADING) {
            handleProbeFailed(probe, failure, nowNanos);
        }
    }

    /**
     * The upgrade was redirected, and the driver has the new request: the attempt goes on with it, within its deadline and the
     * budgets. What follows a failure asks the supplier again.
     */
    public void handleRedirected(long probe, long nowNanos) {
        if (state != ReconnectState.UPGRADING || probe != probes.winner()) {
            return;
        }
        cancel(probes.removeWinner());
        supplied.redirect(nowNanos);
        probeTimeNanos = Math.max(0, untilNanos - nowNanos);
        transitionTo(ReconnectState.PROBING);
        startProbe(nowNanos);
    }

    private void failAttempt(Failure failure, long now) {
        cancelAll();
        RetryClass retryClass = judge.classify(failure);
        if (judge.isHopeless(retryClass, outage.refresh())) {
            end(Sentences.statusOf(failure), false, failure);
        } else {
            await(outage.handleFailure(failure, retryClass, now), failure, now);
        }
    }

    private void await(long due, Failure failure, long now) {
        allowance.forfeit();
        if (Outage.isTryLater(failure)) {
            rotation++;
        }
        supplied.handleFailure(outage.refresh() == Outage.Refresh.DUE);
        isWaitNamed = Delays.isNamed(failure);
        untilNanos = Nanos.later(due, allowance.attemptAt(now));
        outage.waitFor(untilNanos - now);
        tell(new SessionEvent.Waiting(epoch, outage.attempts() + 1, Duration.ofNanos(untilNanos - now), failure));
        transitionTo(ReconnectState.WAITING);
    }

    // ---- a connection ----

    /** {@code onReady} succeeded. */
    public void handleReady(int readyEpoch, long nowNanos) {
        if (state != ReconnectState.READYING || readyEpoch != epoch) {
            return;
        }
        untilNanos = nowNanos + Math.max(Nanos.of(policy.stableAfter()), outage.lastDelayNanos());
        tell(new SessionEvent.Ready(epoch));
        gaps.end(epoch, nowNanos).ifPresent(this::tell);
        outputs.add(new ReconnectOutput.OpenQueue(epoch));
        transitionTo(ReconnectState.OPEN);
    }

    /** The connection has proved good, by time, or because it resumed a session and messages moved on it: all failures are forgotten. */
    public void handleProven(int provenEpoch) {
        if (state == ReconnectState.OPEN && provenEpoch == epoch) {
            outage.forget();
            untilNanos = NO_DEADLINE;
        }
    }

    /** {@code onReady} failed. */
    public void handleReadyFailed(int failedEpoch, Failure failure, long nowNanos) {
        if (state == ReconnectState.READYING && failedEpoch == epoch) {
            // Only the connection knows what it leaves in doubt: its loss is the driver's answer, asked for twice if
            // late.
            outputs.add(new ReconnectOutput.Drop(epoch, failure));
            untilNanos = nowNanos + Nanos.TICK;
        }
    }

    /**
     * The connection is gone.
     *
     * @param lostEpoch its number; the loss of an older one is ignored
     * @param failure why
     * @param status the close status, as far as there was one
     * @param isClean whether the closing handshake was completed
     * @param silentNanos how long the peer had not been heard
     * @param unknownSends messages written and never confirmed
     */
    public void handleLost(
            int lostEpoch,
            Failure failure,
            CloseStatus status,
            boolean isClean,
            long silentNanos,
            long unknownSends,
            long nowNanos) {
        if (lostEpoch != epoch) {
            return;
        }
        if (state == ReconnectState.CLOSING) {
            end(status, isClean, Sentences.closedByUs(closing));
        } else if (state == ReconnectState.READYING || state == ReconnectState.OPEN) {
            lose(failure, status, isClean, silentNanos, unknownSends, nowNanos);
        }
    }

    private void lose(Failure failure, CloseStatus status, boolean isClean, long silent, long unknown, long now) {
        boolean wasReady = state == ReconnectState.OPEN;
        boolean wasStable = wasReady && (untilNanos == NO_DEADLINE || Nanos.isDue(untilNanos, now));
        tell(new SessionEvent.Lost(epoch, failure, gaps.lose(wasReady, epoch, silent, unknown, now)));
        if (wasStable) {
            outage.forget();
        }
        RetryClass retryClass = judge.classify(failure);
        if (judge.isHopeless(retryClass, outage.refresh())) {
            end(status, isClean, failure);
        } else {
            long due = outage.handleLoss(failure, retryClass, wasStable, now);
            await(due, failure, now);
        }
    }

    // ---- time ----

    @Override
    public long deadlineNanos() {
        return state == ReconnectState.PROBING ? Nanos.earlier(untilNanos, probes.deadlineNanos()) : untilNanos;
    }

    @Override
    public void handleDeadline(long nowNanos) {
        if (!Nanos.isDue(deadlineNanos(), nowNanos)) {
            return;
        }
        switch (state) {
            case REQUESTING -> failAttempt(Sentences.lateRequest(policy), nowNanos);
            case PROBING -> expireProbes(nowNanos);
            case HOLDING -> upgrade(nowNanos);
            case UPGRADING -> {
                Failure late = Sentences.lateUpgrade(probes.winnersStep(), policy);
                cancel(probes.removeWinner());
                failAttempt(late, nowNanos);
            }
            case READYING -> handleReadyFailed(epoch, Sentences.notReady(policy.readyTimeout()), nowNanos);
            case OPEN -> handleProven(epoch);
            case WAITING -> {
                untilNanos = allowance.attemptAt(nowNanos);
                if (Nanos.isDue(untilNanos, nowNanos)) {
                    startAttempt(nowNanos);
                }
            }
            case CLOSING -> {
                Failure cause = Sentences.closedByUs(closing);
                outputs.add(new ReconnectOutput.Drop(epoch, cause));
                end(closing, false, cause);
            }
            case IDLE, CLOSED -> throw new AssertionError(state + " has no deadline");
        }
    }

    private void expireProbes(long now) {
        Probes.Probe expired = probes.removeDue(now);
        while (expired != null) {
            cancel(expired.id());
            loseProbe(Sentences.lateProbe(policy), now);
            expired = state == ReconnectState.PROBING ? probes.removeDue(now) : null;
        }
        if (state == ReconnectState.PROBING && Nanos.isDue(untilNanos, now)) {
            startProbe(now);
        }
    }

    // ---- the end, and what comes out ----

    /** Ends the session for good, whatever the policy says of the cause; ignored after the end. */
    public void end(CloseStatus status, boolean isClean, Failure cause) {
        if (state == ReconnectState.CLOSED) {
            return;
        }
        cancelAll();
        allowance.forfeit();
        untilNanos = NO_DEADLINE;
        tell(new SessionEvent.Closed(epoch, status, isClean, cause));
        transitionTo(ReconnectState.CLOSED);
    }

    private void cancelAll() {
        if (probes.winner() != Probes.NONE) {
            cancel(probes.removeWinner());
        }
        probes.removeAll().forEach(probe -> cancel(probe.id()));
    }

    private void cancel(long probe) {
        outputs.add(new ReconnectOutput.Cancel(probe));
    }

    private void tell(SessionEvent event) {
        outputs.add(new ReconnectOutput.Tell(event));
    }

    private void transitionTo(ReconnectState next) {
        assert state.next().contains(next) : state + " does not lead to " + next;
        state = next;
    }

    /** Returns what to do next, or null when there is nothing more. */
    public @Nullable ReconnectOutput poll() {
        return outputs.poll();
    }

    /** Returns where the session stands. */
    public SessionState state() {
        return state.visible();
    }

    /** Returns the number of the current or last connection, 0 before the first. */
    public int epoch() {
        return epoch;
    }
}
