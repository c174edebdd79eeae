package io.everwire.session;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Failure.Kind;
import io.everwire.ReconnectPolicy;
import io.everwire.SessionState;
import io.everwire.StormPolicy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A server that is killed, and is back after a while, in virtual time, with the engines that real clients and a real server have: a port
 * that refuses, then a kernel's queue that drops what it cannot hold, one processor that is slow at first, slots, tickets and time-outs.
 */
final class RestartSimulation {
    private static final int BACKLOG = 4_096;
    private static final long HAND_SHAKEN = Nanos.MILLI / 5;
    private static final Failure RESET = Failure.of(Kind.CONNECTION_LOST, "the peer reset it");
    private static final Failure REFUSED = Failure.of(Kind.REFUSED, "refused");
    /** Of letting a client in. */
    private static final double COST_OF_SENDING_AWAY = 0.25;

    private static final double COST_OF_HANGING_UP = 0.05;

    private final List<Client> clients = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private final ArrayDeque<Request> queue = new ArrayDeque<>();
    private final StormControl control;
    private final HostBudget budget;
    private final long listeningNanos;
    private final double perSecond;
    private final Duration warmUp;
    private long order;
    private long now;
    private boolean isServing;

    private record Event(long at, long order, Runnable action) {}

    /** A request that lies in the kernel's queue. */
    private record Request(Client client, long probe, long sentNanos) {}

    /**
     * Makes clients that have been connected for long.
     *
     * @param outage from the kill until somebody listens again
     * @param perSecond how many handshakes the new server manages when it is warm
     * @param warmUp until then, its speed grows from a tenth
     */
    RestartSimulation(
            int count, ReconnectPolicy policy, Duration outage, double perSecond, Duration warmUp, long seed) {
        this.perSecond = perSecond;
        this.warmUp = warmUp;
        listeningNanos = Nanos.of(outage);
        SplittableRandom random = new SplittableRandom(seed);
        byte[] key = new byte[StormControl.KEY_BYTES];
        random.nextBytes(key);
        control = new StormControl(StormPolicy.DEFAULT, key, random::nextDouble, listeningNanos);
        long longAgo = -100 * Nanos.SECOND;
        budget = new HostBudget(1_000_000, 1_000_000, longAgo);
        for (int i = 0; i < count; i++) {
            Client client =
                    new Client(new Reconnect(policy, Duration.ofSeconds(2), budget, random::nextDouble, longAgo));
            client.open(longAgo);
            clients.add(client);
        }
    }

    /** Kills the server, and runs until everybody is back, or for so long after it listens. */
    void run(Duration longest) {
        now = 0;
        clients.forEach(Client::lose);
        for (Event next = events.poll(); next != null; next = events.poll()) {
            if (next.at() > listeningNanos + Nanos.of(longest)) {
                return;
            }
            now = next.at();
            next.action().run();
        }
    }

    private void at(long nanos, Runnable action) {
        events.add(new Event(Math.max(now, nanos), order++, action));
    }

    // ---- the host ----

    private void dial(Client client, long probe) {
        if (!client.wants(probe)) {
            return;
        }
        if (now < listeningNanos) {
            at(now + HAND_SHAKEN, () -> client.refuse(probe));
        } else if (queue.size() < BACKLOG) {
            at(now + HAND_SHAKEN, () -> client.connect(probe));
        } else {
            at(now + Nanos.SECOND, () -> dial(client, probe));
        }
    }

    private void request(Client client, long probe) {
        client.attempts++;
        queue.add(new Request(client, probe, now));
        if (!isServing) {
            isServing = true;
            at(now, this::serve);
        }
    }

    private void serve() {
        Request request = queue.poll();
        if (request == null) {
            isServing = false;
            return;
        }
        Client client = request.client();
        StormControl.Lateness lateness = new StormControl.Lateness(0, now - request.sentNanos(), queue.size());
        if (control.refusesUnheard(false, lateness, now)) {
            finish(COST_OF_HANGING_UP, () -> client.fail(request.probe(), RESET));
            return;
        }
        StormControl.Slot slot = control.handleRequest(client.ticket, lateness, now);
        if (slot == null) {
            finish(1, () -> {
                control.handleCompleted(now);
                client.letIn(request.probe());
            });
        } else {
            finish(COST_OF_SENDING_AWAY, () -> client.sendAway(request.probe(), slot));
        }
    }

    private void finish(double part, Runnable action) {
        double age = (now - listeningNanos) / (double) Math.max(1, Nanos.of(warmUp));
        double warmth = Math.min(1, 0.1 + 0.9 * age);
        at(now + (long) (part * Nanos.SECOND / (perSecond * warmth)), () -> {
            action.run();
            serve();
        });
    }

    // ---- a client ----

    private final class Client {
        private final Reconnect engine;
        private @Nullable String ticket;
        private long armedNanos = Engine.NO_DEADLINE;
        private long upgrading;
        private final List<Long> probes = new ArrayList<>();
        int attempts;
        int refusals;
        long backNanos = Engine.NO_DEADLINE;

        Client(Reconnect engine) {
            this.engine = engine;
        }

        void open(long when) {
            now = when;
            engine.start(now);
            long probe = 0;
            for (ReconnectOutput output = engine.poll(); output != null; output = engine.poll()) {
                if (output instanceof ReconnectOutput.Request) {
                    engine.handleRequest(now);
                } else if (output instanceof ReconnectOutput.Probe started) {
                    probe = started.probe();
                    engine.handleProbeConnected(probe, now);
                } else if (output instanceof ReconnectOutput.Upgrade) {
                    engine.handleUpgraded(probe, ReconnectDriver.HANDSHAKE, now);
                } else if (output instanceof ReconnectOutput.Prepare) {
                    engine.handleReady(engine.epoch(), now);
                    engine.handleProven(engine.epoch());
                }
            }
        }

        void lose() {
            engine.handleLost(engine.epoch(), RESET, new CloseStatus(1006, ""), false, 0, 0, now);
            obey();
        }

        boolean wants(long probe) {
            return probes.contains(probe);
        }

        void refuse(long probe) {
            refusals++;
            probes.remove(probe);
            engine.handleProbeFailed(probe, REFUSED, now);
            obey();
        }

        void connect(long probe) {
            engine.handleProbeConnected(probe, now);
            obey();
        }

        void fail(long probe, Failure failure) {
            if (upgrading == probe) {
                upgrading = 0;
                engine.handleUpgradeFailed(probe, failure, now);
                obey();
            }
        }

        void sendAway(long probe, StormControl.Slot slot) {
            if (upgrading == probe) {
                ticket = slot.ticket();
                fail(
                        probe,
                        ticket == null
                                ? Failure.ofHttpStatus(503, "later", slot.delay())
                                : Failure.ofSlot(503, "a slot", slot.delay()));
            }
        }

        void letIn(long probe) {
            if (upgrading == probe) {
                upgrading = 0;
                backNanos = now;
                engine.handleUpgraded(probe, ReconnectDriver.HANDSHAKE, now);
                obey();
            }
        }

        /** Does what the engine says, and comes again at its deadline. */
        private void obey() {
            for (ReconnectOutput output = engine.poll(); output != null; output = engine.poll()) {
                if (output instanceof ReconnectOutput.Request) {
                    engine.handleRequest(now);
                } else if (output instanceof ReconnectOutput.Probe probe) {
                    probes.add(probe.probe());
                    dial(this, probe.probe());
                } else if (output instanceof ReconnectOutput.Cancel cancel) {
                    probes.remove(cancel.probe());
                    upgrading = upgrading == cancel.probe() ? 0 : upgrading;
                } else if (output instanceof ReconnectOutput.Upgrade upgrade) {
                    probes.clear();
                    upgrading = upgrade.probe();
                    request(this, upgrading);
                } else if (output instanceof ReconnectOutput.Prepare) {
                    engine.handleReady(engine.epoch(), now);
                }
            }
            long deadline = engine.deadlineNanos();
            if (deadline != armedNanos && deadline != Engine.NO_DEADLINE && engine.state() != SessionState.OPEN) {
                armedNanos = deadline;
                at(deadline, () -> due(deadline));
            }
        }

        private void due(long deadline) {
            if (armedNanos == deadline) {
                armedNanos = Engine.NO_DEADLINE;
                engine.handleDeadline(now);
                obey();
            }
        }
    }

    // ---- what came of it ----

    /** Returns when this part of the clients was back, in seconds after the server listened; fails when it never was. */
    double secondsUntil(double part) {
        long[] back =
                clients.stream().mapToLong(client -> client.backNanos).sorted().toArray();
        long at = back[(int) Math.ceil(part * back.length) - 1];
        if (at == Engine.NO_DEADLINE) {
            throw new AssertionError(100 * part + " % of the clients were never back");
        }
        return (at - listeningNanos) / (double) Nanos.SECOND;
    }

    /** Returns that time in proportion to what the same handshakes take on a warm server. */
    double ratio() {
        return secondsUntil(0.99) * perSecond / clients.size();
    }

    /** Returns how many requests a client made of the new server. */
    double attempts() {
        return clients.stream().mapToInt(client -> client.attempts).average().orElse(0);
    }

    /** Returns how often a client was refused while nobody listened. */
    double refusals() {
        return clients.stream().mapToInt(client -> client.refusals).average().orElse(0);
    }

    StormControl.Counts counts() {
        return control.counts();
    }
}
