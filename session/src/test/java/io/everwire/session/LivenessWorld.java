package io.everwire.session;

import io.everwire.LivenessPolicy;
import io.everwire.session.Liveness.Action;
import java.time.Duration;
import java.util.List;

/** One connection, its peer, its wheel: every public input of {@link Liveness}, with the checker watching. */
final class LivenessWorld implements Explorer.World {
    private static final List<String> INPUTS = List.of(
            "bytes",
            "frame begins",
            "frame ends",
            "pong of the newest ping",
            "pong of the oldest ping",
            "stale pong",
            "unsolicited pong",
            "ping flushed",
            "ack progress",
            "write blocked",
            "write drained",
            "write progress",
            "read suspended",
            "read resumed",
            "stall of 300 ms",
            "early deadline",
            "deadline",
            "deadline a tick late",
            "deadline 400 ms late",
            "drained",
            "message that wants confirmation",
            "message",
            "probe");
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(30);

    private final LivenessSubject subject;
    private final LivenessChecker checker;
    private long now;

    /** Makes the engine to be checked. */
    interface Maker {
        LivenessSubject make(LivenessPolicy policy, Duration writeTimeout, double random, long now);
    }

    LivenessWorld(Maker maker, LivenessPolicy policy, double random) {
        // An origin at which the clock overflows soon: instants are compared by subtraction, or this fails.
        now = Long.MAX_VALUE - 5_000_000_777L;
        subject = maker.make(policy, WRITE_TIMEOUT, random, now);
        checker = new LivenessChecker(policy, Nanos.of(WRITE_TIMEOUT), now);
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
        Liveness engine = subject.engine;
        switch (input) {
            case 0 -> {
                checker.onBytes(now);
                subject.handleBytes(now);
            }
            case 1, 2 -> engine.handleInsideFrame(input == 1, now);
            case 3 -> pong(checker.pings());
            case 4 -> pong(checker.answered() + 1);
            case 5 -> pong(checker.answered());
            case 6 -> pong(checker.pings() + 1);
            case 7 -> {
                checker.onFlushed(checker.pings(), now);
                engine.handlePingFlushed(LivenessSubject.NONCE_BASE + checker.pings(), now);
            }
            case 8 -> {
                checker.onAckProgress(now);
                engine.handleAckProgress(now);
            }
            case 9 -> {
                checker.onWriteBlocked(now);
                engine.handleWriteBlocked(now);
            }
            case 10, 11 -> {
                checker.onWriteProgress(input == 10, now);
                engine.handleWriteProgress(input == 10, now);
            }
            case 12 -> {
                checker.onSuspended();
                engine.handleReadSuspended(now);
            }
            case 13 -> {
                checker.onResumed(now);
                engine.handleReadResumed(now);
            }
            case 14 -> {
                checker.onStall(300 * Nanos.MILLI);
                engine.handleStall(300 * Nanos.MILLI, now);
            }
            case 15, 16, 17, 18 -> deadline(input);
            case 19 -> subject.handleDrained(now);
            case 22 -> engine.probe(now);
            default -> {
                checker.onWritten();
                engine.handleMessageWritten(input == 20, now);
            }
        }
        drain();
        if (input == 16) {
            checker.checkProgress(subject, now);
        }
        if (input == 19) {
            checker.onDrained();
        }
        checker.check(subject, now);
    }

    private void pong(long ping) {
        checker.onPong(ping, now);
        subject.handlePong(LivenessSubject.NONCE_BASE + ping, now - 40 * Nanos.MILLI, now);
    }

    private void deadline(int input) {
        long deadline = subject.deadlineNanos();
        if (deadline != Engine.NO_DEADLINE) {
            long wait = deadline - now;
            long late = input == 17 ? Nanos.TICK - 1 : input == 18 ? 400 * Nanos.MILLI : 0;
            now += input == 15 ? Math.max(0, wait) / 2 : Math.max(0, wait) + late;
            if (input == 18) {
                checker.onStall(400 * Nanos.MILLI);
            }
        }
        subject.handleDeadline(now);
    }

    private void drain() {
        for (Action action = subject.pollAction(); action != Action.NONE; action = subject.pollAction()) {
            checker.onAction(action, subject.engine, now);
        }
    }
}
