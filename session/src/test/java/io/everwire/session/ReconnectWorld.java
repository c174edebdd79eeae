package io.everwire.session;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Failure.Kind;
import io.everwire.Handshake;
import io.everwire.ReconnectPolicy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One session, its driver, its network: every public input of {@link Reconnect}, stale ones too, with the checker watching. */
final class ReconnectWorld implements Explorer.World {
    static final List<String> INPUTS = List.of(
            "start",
            "close",
            "reconnectNow",
            "network change",
            "request",
            "request failed",
            "newest probe connected",
            "oldest probe connected",
            "stale probe connected",
            "probe has no route",
            "probe refused",
            "stale probe refused",
            "upgraded",
            "stale upgraded",
            "upgrade 401",
            "upgrade 503 with Retry-After",
            "upgrade 404",
            "upgrade timed out",
            "stale upgrade 404",
            "ready",
            "stale ready",
            "ready failed",
            "stale ready failed",
            "lost: dead",
            "lost: closed 1000",
            "lost: closed 1013",
            "lost: reset",
            "stale lost",
            "early deadline",
            "deadline",
            "deadline a tick late",
            "deadline 10 s late",
            "redirected",
            "stale redirected",
            "tunnel asked for",
            "stale tunnel asked for",
            "proxy answers 407");
    private static final int FIRST_DEADLINE = 28;
    private static final List<Integer> STALE = List.of(8, 11, 13, 18, 20, 22, 27, 33, 35);
    private static final int REDIRECTED = 32;
    private static final long GONE = 0;
    private static final Handshake HANDSHAKE =
            new Handshake("/", "", Map.of(), InetSocketAddress.createUnresolved("example.com", 80), null);

    private final ReconnectSubject subject;
    private final ReconnectChecker checker;
    private long now;

    /** Makes the engine to be checked. */
    interface Maker {
        ReconnectSubject make(ReconnectPolicy policy, double random, long now);
    }

    ReconnectWorld(Maker maker, ReconnectPolicy policy, double random, int... prologue) {
        now = Long.MAX_VALUE - 5_000_000_777L;
        subject = maker.make(policy, random, now);
        checker = new ReconnectChecker(policy, now);
        for (int input : prologue) {
            give(input);
        }
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Fingerprint fingerprint() {
        return Fingerprint.of(now, subject, checker);
    }

    @Override
    public void give(int input) {
        Fingerprint before = STALE.contains(input) ? Fingerprint.of(now, subject.engine) : null;
        if (input > REDIRECTED + 1) {
            tunnel(input);
        } else if (input >= REDIRECTED) {
            if (input == REDIRECTED) {
                checker.onRedirected(now);
            }
            subject.engine.handleRedirected(checker.upgrading + (input == REDIRECTED ? 0 : 1_000_000), now);
        } else if (input >= FIRST_DEADLINE) {
            deadline(input);
        } else if (input <= 5) {
            command(input);
        } else if (input <= 18) {
            dial(input);
        } else {
            connection(input);
        }
        for (ReconnectOutput output = subject.poll(); output != null; output = subject.poll()) {
            ReconnectChecker.require(before == null, "spoke to something stale: " + output);
            checker.onOutput(output, subject.engine, now);
        }
        boolean isChanged = before != null && !before.equals(Fingerprint.of(now, subject.engine));
        ReconnectChecker.require(!isChanged, "was changed by something stale");
        if (input == FIRST_DEADLINE + 1) {
            checker.checkProgress(subject, now);
        }
        checker.check(subject, now);
    }

    private void command(int input) {
        switch (input) {
            case 0 -> subject.engine.start(now);
            case 1 -> subject.engine.close(CloseStatus.NORMAL, now);
            case 2 -> subject.engine.reconnectNow(now);
            case 3 -> subject.engine.handleNetworkChange(now);
            case 4 -> {
                checker.onRequest(now);
                subject.engine.handleRequest(now);
            }
            default -> subject.engine.handleRequestFailed(Failure.of(Kind.CREDENTIALS, "no token"), now);
        }
    }

    private void dial(int input) {
        List<Long> inFlight = checker.inFlight;
        long newest = inFlight.isEmpty() ? GONE : inFlight.get(inFlight.size() - 1);
        long oldest = inFlight.isEmpty() ? GONE : inFlight.get(0);
        switch (input) {
            case 6, 7 -> {
                long probe = input == 6 ? newest : oldest;
                checker.onProbeConnected(probe);
                subject.handleProbeConnected(probe, now);
            }
            case 8 -> subject.handleProbeConnected(GONE, now);
            case 9 -> probeFailed(newest, Failure.of(Kind.NO_ROUTE, "no route"));
            case 10 -> probeFailed(newest, Failure.of(Kind.REFUSED, "refused"));
            case 11 -> subject.engine.handleProbeFailed(GONE, Failure.of(Kind.REFUSED, "refused"), now);
            case 12 -> subject.engine.handleUpgraded(checker.upgrading, HANDSHAKE, now);
            case 13 -> subject.engine.handleUpgraded(checker.upgrading + 1_000_000, HANDSHAKE, now);
            case 14 -> upgradeFailed(Failure.ofHttpStatus(401, "HTTP 401", null));
            case 15 -> upgradeFailed(Failure.ofHttpStatus(503, "HTTP 503", Duration.ofSeconds(3)));
            case 16 -> upgradeFailed(Failure.ofHttpStatus(404, "HTTP 404", null));
            case 17 -> upgradeFailed(Failure.of(Kind.UPGRADE_TIMEOUT, "late"));
            default ->
                subject.engine.handleUpgradeFailed(
                        checker.upgrading + 1_000_000, Failure.ofHttpStatus(404, "HTTP 404", null), now);
        }
    }

    private void tunnel(int input) {
        switch (input) {
            case 34 -> subject.engine.handleUpgradeStep(checker.upgrading, UpgradeStep.TUNNEL);
            case 35 -> subject.engine.handleUpgradeStep(checker.upgrading + 1_000_000, UpgradeStep.TUNNEL);
            default -> upgradeFailed(Failure.ofProxyStatus(407, "HTTP 407", null));
        }
    }

    private void probeFailed(long probe, Failure failure) {
        checker.onProbeGone(probe);
        subject.engine.handleProbeFailed(probe, failure, now);
    }

    private void upgradeFailed(Failure failure) {
        long probe = checker.upgrading;
        checker.onProbeGone(probe);
        subject.engine.handleUpgradeFailed(probe, failure, now);
    }

    private void connection(int input) {
        int epoch = checker.epoch;
        Failure notReady = Failure.of(Kind.READY, "login failed");
        switch (input) {
            case 19, 20 -> subject.engine.handleReady(input == 19 ? epoch : epoch - 1, now);
            case 21, 22 -> subject.engine.handleReadyFailed(input == 21 ? epoch : epoch - 1, notReady, now);
            case 23 -> lost(epoch, Failure.of(Kind.PEER_DEAD, "dead"), 1006);
            case 24 -> closed(epoch, 1000);
            case 25 -> closed(epoch, 1013);
            case 26 -> lost(epoch, Failure.of(Kind.CONNECTION_LOST, "reset"), 1006);
            default -> lost(epoch - 1, Failure.of(Kind.CONNECTION_LOST, "reset"), 1006);
        }
    }

    private void closed(int epoch, int code) {
        lost(epoch, Failure.ofClose(Kind.CLOSED_BY_PEER, new CloseStatus(code, ""), "closed"), code);
    }

    private void lost(int epoch, Failure failure, int code) {
        checker.onLost(epoch);
        subject.handleLost(epoch, failure, new CloseStatus(code, ""), now);
    }

    private void deadline(int input) {
        long deadline = subject.deadlineNanos();
        if (deadline != Engine.NO_DEADLINE) {
            long wait = Math.max(0, deadline - now);
            long late = input == 30 ? Nanos.TICK - 1 : input == 31 ? 10 * Nanos.SECOND : 0;
            now += input == FIRST_DEADLINE ? wait / 2 : wait + late;
        }
        subject.engine.handleDeadline(now);
    }
}
