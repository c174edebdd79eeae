package io.everwire.session;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.ReconnectPolicy;
import io.everwire.SessionEvent;
import io.everwire.SessionState;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** Drives a {@link Reconnect} through virtual time and keeps what it put out. */
final class ReconnectDriver {
    static final Handshake HANDSHAKE =
            new Handshake("/", "", Map.of(), InetSocketAddress.createUnresolved("example.com", 80), null);

    final Reconnect engine;
    final List<ReconnectOutput> outputs = new ArrayList<>();
    long now = -3;

    ReconnectDriver(ReconnectPolicy policy, long seed) {
        this(policy, new SplittableRandom(seed)::nextDouble);
    }

    ReconnectDriver(ReconnectPolicy policy, DoubleSupplier random) {
        engine = new Reconnect(policy, Duration.ofSeconds(2), new HostBudget(20, 200, now), random, now);
    }

    /** Takes what was put out since the last call. */
    List<ReconnectOutput> drain() {
        List<ReconnectOutput> fresh = new ArrayList<>();
        for (ReconnectOutput output = engine.poll(); output != null; output = engine.poll()) {
            fresh.add(output);
        }
        outputs.addAll(fresh);
        return fresh;
    }

    /** Lets the time pass until the deadline. */
    List<ReconnectOutput> deadline() {
        now = Math.max(now, engine.deadlineNanos());
        engine.handleDeadline(now);
        return drain();
    }

    void pass(Duration duration) {
        long end = now + duration.toNanos();
        while (engine.deadlineNanos() <= end) {
            deadline();
        }
        now = end;
    }

    /** Answers the request. */
    List<ReconnectOutput> request() {
        engine.handleRequest(now);
        return drain();
    }

    List<ReconnectOutput> connect(long probe) {
        engine.handleProbeConnected(probe, now);
        return drain();
    }

    List<ReconnectOutput> upgrade(long probe) {
        engine.handleUpgraded(probe, HANDSHAKE, now);
        return drain();
    }

    List<ReconnectOutput> ready() {
        engine.handleReady(engine.epoch(), now);
        return drain();
    }

    List<ReconnectOutput> lose(Failure failure) {
        CloseStatus status = failure.closeStatus() == null ? new CloseStatus(1006, "") : failure.closeStatus();
        engine.handleLost(engine.epoch(), failure, status, false, 0, 2, now);
        return drain();
    }

    /** Goes on until the connection is open and ready. */
    void open() {
        engine.start(now);
        while (engine.state() != SessionState.OPEN) {
            List<ReconnectOutput> fresh = drainOrWait();
            fresh.forEach(this::answer);
        }
        drain();
    }

    /** Goes on until {@code onReady} runs. */
    void prepare() {
        while (engine.state() != SessionState.READYING) {
            drainOrWait().forEach(this::answer);
        }
        drain();
    }

    private List<ReconnectOutput> drainOrWait() {
        List<ReconnectOutput> fresh = drain();
        if (!fresh.isEmpty()) {
            return fresh;
        }
        if (engine.deadlineNanos() == Engine.NO_DEADLINE) {
            throw new AssertionError("nothing more will happen in " + engine.state());
        }
        return deadline();
    }

    private void answer(ReconnectOutput output) {
        if (output instanceof ReconnectOutput.Request) {
            engine.handleRequest(now);
        } else if (output instanceof ReconnectOutput.Probe probe) {
            engine.handleProbeConnected(probe.probe(), now);
        } else if (output instanceof ReconnectOutput.Upgrade upgrade) {
            engine.handleUpgraded(upgrade.probe(), HANDSHAKE, now);
        } else if (output instanceof ReconnectOutput.Prepare prepare) {
            engine.handleReady(prepare.epoch(), now);
        }
    }

    /** Goes on until an upgrade is asked for, and lets it fail. */
    List<ReconnectOutput> refuse(Failure failure) {
        while (true) {
            for (ReconnectOutput output : drainOrWait()) {
                if (output instanceof ReconnectOutput.Upgrade upgrade) {
                    engine.handleUpgradeFailed(upgrade.probe(), failure, now);
                    return drain();
                }
                answer(output);
            }
        }
    }

    List<SessionEvent> events() {
        return outputs.stream()
                .filter(ReconnectOutput.Tell.class::isInstance)
                .map(output -> ((ReconnectOutput.Tell) output).event())
                .toList();
    }

    long probes() {
        return outputs.stream().filter(ReconnectOutput.Probe.class::isInstance).count();
    }

    static <T> T only(List<ReconnectOutput> outputs, Class<T> type) {
        return outputs.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + outputs));
    }

    static Duration delay(List<ReconnectOutput> outputs) {
        for (ReconnectOutput output : outputs) {
            if (output instanceof ReconnectOutput.Tell tell && tell.event() instanceof SessionEvent.Waiting waiting) {
                return waiting.delay();
            }
        }
        throw new AssertionError("no Waiting in " + outputs);
    }
}
