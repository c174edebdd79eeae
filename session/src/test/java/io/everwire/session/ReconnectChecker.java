package io.everwire.session;

import io.everwire.Backoff;
import io.everwire.Failure;
import io.everwire.FailurePolicy;
import io.everwire.ReconnectPolicy;
import io.everwire.RetryClass;
import io.everwire.SessionEvent;
import io.everwire.SessionState;
import java.util.ArrayList;
import java.util.List;

/** The promises of {@link Reconnect}, kept by bookkeeping of its own. It sees every output and is told what was put in. */
final class ReconnectChecker {
    private final ReconnectPolicy policy;
    private final TokenBucket probeBudget;
    private final TokenBucket upgradeBudget;
    private final TokenBucket hostProbes;
    private final TokenBucket hostUpgrades;

    /** Probes that were started and neither failed, nor were cancelled, nor became a connection; the oldest first. */
    final List<Long> inFlight = new ArrayList<>();

    long connected;
    long upgrading;
    int epoch;
    private long lastProbe;
    private long lastProbeNanos = Engine.NO_DEADLINE;
    private String lastEvent = "";
    /** No outage is older. */
    private final long beginNanos;

    private boolean isRequested;
    private boolean hasRequest;
    private long requestNanos;
    private boolean isRedirected;
    private boolean isOpen;
    private boolean isReady;
    private boolean wasReadyBefore;
    private boolean isClosed;
    private boolean isQueueOpen;

    /** Failures that were waited for since a connection was last ready: no exponent can be larger. */
    private int failures;

    ReconnectChecker(ReconnectPolicy policy, long now) {
        this.policy = policy;
        beginNanos = now;
        probeBudget = new TokenBucket(policy.probesPerMinute(), 60 * Nanos.SECOND, now);
        upgradeBudget = new TokenBucket(policy.upgradesPerMinute(), 60 * Nanos.SECOND, now);
        hostProbes = new TokenBucket(4, Nanos.SECOND, now);
        hostUpgrades = new TokenBucket(2, Nanos.SECOND, now);
    }

    // ---- inputs ----

    void onRequest(long now) {
        requestNanos = isRequested ? now : requestNanos;
        hasRequest |= isRequested;
        isRequested = false;
    }

    void onRedirected(long now) {
        requestNanos = upgrading != 0 ? now : requestNanos;
        isRedirected |= upgrading != 0;
        hasRequest |= upgrading != 0;
    }

    void onProbeConnected(long probe) {
        if (inFlight.contains(probe) && connected == 0 && upgrading == 0) {
            connected = probe;
        }
    }

    void onProbeGone(long probe) {
        inFlight.remove(probe);
        connected = connected == probe ? 0 : connected;
        upgrading = upgrading == probe ? 0 : upgrading;
    }

    void onLost(int lostEpoch) {
        if (lostEpoch == epoch) {
            isQueueOpen = false;
        }
    }

    // ---- outputs ----

    void onOutput(ReconnectOutput output, Reconnect engine, long now) {
        require(!isClosed || output instanceof ReconnectOutput.Cancel, "spoke after CLOSED: " + output);
        if (output instanceof ReconnectOutput.Request) {
            boolean isOld = now - requestNanos >= 30 * Nanos.SECOND;
            require(isRedirected || isOld || !hasRequest, "asked for a request although one was not used");
            hasRequest = false;
            isRedirected = false;
            isRequested = true;
        } else if (output instanceof ReconnectOutput.Probe probe) {
            onProbe(probe, now);
        } else if (output instanceof ReconnectOutput.Cancel cancel) {
            require(inFlight.contains(cancel.probe()), "cancelled what is not under way: " + cancel);
            onProbeGone(cancel.probe());
        } else if (output instanceof ReconnectOutput.Upgrade upgrade) {
            onUpgrade(upgrade, now);
        } else if (output instanceof ReconnectOutput.Prepare prepare) {
            require(isOpen && prepare.epoch() == epoch, "prepared what is not open: " + prepare);
        } else if (output instanceof ReconnectOutput.OpenQueue open) {
            require(isReady && open.epoch() == epoch && !isQueueOpen, "opened the queue of what is not ready: " + open);
            isQueueOpen = true;
        } else if (output instanceof ReconnectOutput.Drop drop) {
            require(drop.epoch() == epoch, "dropped another epoch: " + drop);
        } else if (output instanceof ReconnectOutput.CloseConnection close) {
            require(close.epoch() == epoch && isOpen, "closed what is not open: " + close);
        } else if (output instanceof ReconnectOutput.Tell tell) {
            onEvent(tell.event(), now);
        }
    }

    private void onProbe(ReconnectOutput.Probe probe, long now) {
        require(hasRequest, "a probe without a request");
        require(probe.probe() > lastProbe, "a probe's number again: " + probe);
        require(upgrading == 0 && connected == 0 && !isOpen, "a probe beside an upgrade or a connection");
        require(inFlight.size() < Probes.MOST, "five probes at once");
        require(probeBudget.availableAt(now) == now, "past the session's budget of probes");
        require(hostProbes.availableAt(now) == now, "past the host's budget of probes");
        probeBudget.take(now);
        hostProbes.take(now);
        boolean isSoon = !inFlight.isEmpty() && now - lastProbeNanos < 80 * Nanos.MILLI;
        require(!isSoon, "two probes within 80 ms");
        lastProbe = probe.probe();
        lastProbeNanos = now;
        inFlight.add(probe.probe());
    }

    private void onUpgrade(ReconnectOutput.Upgrade upgrade, long now) {
        require(upgrade.probe() == connected && upgrading == 0, "upgraded what is not connected: " + upgrade);
        require(inFlight.size() == 1, "others are under way beside an upgrade: " + inFlight);
        require(upgradeBudget.availableAt(now) == now, "past the session's budget of upgrades");
        require(hostUpgrades.availableAt(now) == now, "past the host's budget of upgrades");
        upgradeBudget.take(now);
        hostUpgrades.take(now);
        upgrading = connected;
        connected = 0;
        hasRequest = false;
    }

    private void onEvent(SessionEvent event, long now) {
        String name = event.getClass().getSimpleName();
        String before = switch (name) {
            case "Connecting" -> "|Waiting";
            case "Open" -> "Connecting";
            case "Ready" -> "Open";
            case "Lost" -> "Open|Ready|Reconnected";
            case "Waiting" -> "Connecting|Lost";
            case "Reconnected" -> "Ready";
            default -> "|Connecting|Open|Ready|Lost|Waiting|Reconnected";
        };
        require(List.of(before.split("\\|", -1)).contains(lastEvent), name + " after '" + lastEvent + "'");
        lastEvent = name;
        if (event instanceof SessionEvent.Open) {
            require(upgrading != 0, "open without an upgrade");
            onProbeGone(upgrading);
            epoch++;
            isOpen = true;
        } else if (event instanceof SessionEvent.Ready) {
            isReady = true;
        } else if (event instanceof SessionEvent.Reconnected) {
            require(wasReadyBefore, "reconnected what was never connected");
        } else if (event instanceof SessionEvent.Lost) {
            wasReadyBefore |= isReady;
            isOpen = false;
            isReady = false;
            isQueueOpen = false;
        } else if (event instanceof SessionEvent.Waiting waiting) {
            onWaiting(waiting, now);
        } else if (event instanceof SessionEvent.Closed) {
            isClosed = true;
        }
        require(event.epoch() == epoch, "an event of epoch " + event.epoch() + " in epoch " + epoch + ": " + event);
    }

    private void onWaiting(SessionEvent.Waiting waiting, long now) {
        isRequested = false;
        require(!isOpen && connected == 0 && upgrading == 0, "waiting beside a connection");
        Failure failure = waiting.failure();
        boolean hasSucceeded = epoch > 0;
        RetryClass retryClass = FailurePolicy.DEFAULT.classify(failure, hasSucceeded);
        require(retryClass != RetryClass.TERMINAL, "goes on after what is hopeless: " + failure);
        long delay = waiting.delay().toNanos();
        long budget = Nanos.later(probeBudget.availableAt(now), upgradeBudget.availableAt(now)) - now;
        long most = Math.max(budget, longest(retryClass, failure, now));
        long least = failure.retryAfter() == null ? Delays.FLOOR : Nanos.of(failure.retryAfter());
        require(delay >= least && delay <= most, "a delay of " + delay + " ns outside " + least + " to " + most);
        failures++;
    }

    private long longest(RetryClass retryClass, Failure failure, long now) {
        if (failure.retryAfter() != null) {
            return Math.max(Delays.CAP, Nanos.of(failure.retryAfter()) * 5 / 4);
        }
        if (failure.closeStatus() != null && failure.closeStatus().code() == 1013) {
            return Delays.CAP;
        }
        long busy = Math.min(Delays.CAP, (250 * Nanos.MILLI) << Math.min(failures, 10));
        long mean = Math.max(250 * Nanos.MILLI, Math.min((now - beginNanos) / 4, Delays.CAP * 2 / 3));
        boolean isAuto = policy.backoff().equals(Backoff.AUTO);
        if (failure.kind() == Failure.Kind.REFUSED && isAuto) {
            return mean + mean / 2;
        }
        boolean isUnanswered = failure.kind() == Failure.Kind.UPGRADE_TIMEOUT && isAuto;
        return switch (retryClass) {
            case NETWORK ->
                Math.max(
                        isUnanswered ? mean + mean / 2 : busy,
                        policy.connectTimeout().toNanos());
            case SLOW -> Delays.SLOW_CAP;
            default -> Math.max(busy, 250 * Nanos.MILLI);
        };
    }

    // ---- after an input and its outputs ----

    void check(ReconnectSubject subject, long now) {
        SessionState state = subject.engine.state();
        long deadline = subject.deadlineNanos();
        require(isClosed == (state == SessionState.CLOSED), "CLOSED without its event, or left");
        require(subject.engine.epoch() == epoch, "the epoch is " + subject.engine.epoch());
        switch (state) {
            case IDLE, CLOSED -> require(deadline == Engine.NO_DEADLINE, state + " has a deadline");
            case OPEN -> require(deadline == Engine.NO_DEADLINE || deadline - now <= Delays.CAP, "a late deadline");
            case CONNECTING -> requireWithin(deadline, now, 60 * Nanos.SECOND);
            case READYING -> requireWithin(deadline, now, Nanos.of(policy.readyTimeout()));
            case CLOSING -> requireWithin(deadline, now, 2 * Nanos.SECOND);
            case WAITING -> requireWithin(deadline, now, 120 * Nanos.SECOND);
            case SUSPENDED -> require(false, "a client is never SUSPENDED");
        }
        boolean mayBeUnderWay = state == SessionState.CONNECTING;
        require(mayBeUnderWay || inFlight.isEmpty(), state + " with probes under way: " + inFlight);
        require(isQueueOpen == (state == SessionState.OPEN) || state == SessionState.CLOSING || isClosed, "the queue");
    }

    private void requireWithin(long deadline, long now, long most) {
        require(deadline != Engine.NO_DEADLINE, "a state without a deadline");
        require(deadline - now <= most, "a deadline in " + (deadline - now) + " ns, more than " + most);
    }

    void checkProgress(ReconnectSubject subject, long now) {
        long deadline = subject.deadlineNanos();
        require(deadline == Engine.NO_DEADLINE || deadline - now > 0, "a deadline was handled and is still due");
    }

    static void require(boolean isKept, String broken) {
        if (!isKept) {
            throw new AssertionError(broken);
        }
    }
}
