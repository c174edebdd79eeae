package io.everwire.session;

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
 * All clients of a server that was killed, in virtual time: one processor, whose work is to take on or to send away; a
 * queue before it, which drops what it cannot hold; and clients that give an attempt up after five seconds. What the server does for a
 * client that has given up is done in vain, as it is in life.
 */
final class StormSimulation {
    /** In the kernel, and with the server, which accepts much faster than it reads. */
    private static final int BACKLOG = 16_384;

    private static final long PATIENCE = 5 * Nanos.SECOND;
    private static final long SYN_AGAIN = Nanos.SECOND;
    /** To send a client away costs this part of letting it in. */
    private static final double REFUSAL = 0.25;

    private static final double HANGING_UP = 0.05;

    /** What clients do with an answer. */
    enum Manners {
        /** As ours: come back when the slot is due, with the ticket. */
        OBEDIENT,
        /** Obey Retry-After, in whole seconds, and know no ticket. */
        FOREIGN,
        /** Come back each second, whatever they are told. */
        GREEDY,
        /** Never come back. */
        GONE
    }

    /** One client. */
    static final class Client {
        final int number;
        final Manners manners;

        @Nullable String ticket;

        long slotNanos = Engine.NO_DEADLINE;
        long attemptNanos;
        int attempts;
        int failures;
        long inNanos = Engine.NO_DEADLINE;

        Client(int number, Manners manners) {
            this.number = number;
            this.manners = manners;
        }
    }

    private record Event(long at, int attempt, Client client) {}

    private final StormControl control;
    private final SplittableRandom random;
    private final double perSecond;
    private final Duration warmUp;
    private final PriorityQueue<Event> arrivals = new PriorityQueue<>(Comparator.comparingLong(Event::at));
    private final ArrayDeque<Event> queue = new ArrayDeque<>();
    final List<Client> clients = new ArrayList<>();
    private long freeNanos;
    private long lateNanos;

    /**
     * Makes a server.
     *
     * @param perSecond how many it can take on when it is warm
     * @param warmUp until then, its speed grows from a tenth
     */
    StormSimulation(StormPolicy policy, double perSecond, Duration warmUp, long seed) {
        this.perSecond = perSecond;
        this.warmUp = warmUp;
        random = new SplittableRandom(seed);
        byte[] key = new byte[StormControl.KEY_BYTES];
        random.nextBytes(key);
        control = new StormControl(policy, key, random::nextDouble, 0);
    }

    /** Adds clients that come at random moments. */
    void add(int count, Manners manners, Duration from, Duration to) {
        for (int i = 0; i < count; i++) {
            Client client = new Client(clients.size(), manners);
            clients.add(client);
            dial(client, random.nextLong(Nanos.of(from), Nanos.of(to)));
        }
    }

    private void dial(Client client, long at) {
        client.attempts++;
        client.attemptNanos = at;
        arrivals.add(new Event(at, client.attempts, client));
    }

    /** Runs until nobody comes any more, or for so long. */
    void run(Duration longest) {
        long end = Nanos.of(longest);
        for (Event next = arrivals.peek(); next != null || !queue.isEmpty(); next = arrivals.peek()) {
            boolean isWorkFirst = !queue.isEmpty() && (next == null || freeNanos <= next.at());
            if (isWorkFirst) {
                serve(queue.remove());
            } else if (next != null) {
                if (next.at() > end) {
                    return;
                }
                arrive(arrivals.remove());
            }
        }
    }

    private void arrive(Event arrival) {
        freeNanos = queue.isEmpty() ? Math.max(freeNanos, arrival.at()) : freeNanos;
        if (queue.size() < BACKLOG) {
            queue.add(arrival);
        } else if (arrival.at() + SYN_AGAIN - arrival.client().attemptNanos <= PATIENCE) {
            arrivals.add(new Event(arrival.at() + SYN_AGAIN, arrival.attempt(), arrival.client()));
        } else {
            giveUp(arrival.client(), arrival.client().attemptNanos + PATIENCE);
        }
    }

    private void serve(Event request) {
        Client client = request.client();
        long late = freeNanos - request.at();
        lateNanos = Math.max(lateNanos, late);
        StormControl.Lateness lateness = new StormControl.Lateness(0, late, queue.size());
        if (control.refusesUnheard(false, lateness, freeNanos)) {
            freeNanos += cost(HANGING_UP);
            giveUp(client, freeNanos - client.attemptNanos <= PATIENCE ? freeNanos : client.attemptNanos + PATIENCE);
            return;
        }
        StormControl.Slot slot = control.handleRequest(client.ticket, lateness, freeNanos);
        long now = freeNanos + cost(slot == null ? 1 : REFUSAL);
        freeNanos = now;
        boolean isThere = now - client.attemptNanos <= PATIENCE;
        if (slot == null) {
            control.handleCompleted(now);
        }
        if (!isThere) {
            giveUp(client, client.attemptNanos + PATIENCE);
        } else if (slot == null) {
            client.inNanos = now;
        } else {
            obey(client, slot, now);
        }
    }

    private long cost(double part) {
        double warmth = warmUp.isZero() ? 1 : Math.min(1, 0.1 + 0.9 * freeNanos / Nanos.of(warmUp));
        return (long) (part * Nanos.SECOND / (perSecond * warmth));
    }

    private void giveUp(Client client, long gaveUp) {
        long backoff =
                Math.max(50 * Nanos.MILLI, (long) (random.nextDouble() * ((250 * Nanos.MILLI) << client.failures)));
        client.failures = Math.min(6, client.failures + 1);
        dial(client, gaveUp + backoff);
    }

    private void obey(Client client, StormControl.Slot slot, long now) {
        long wait = Nanos.of(slot.delay());
        switch (client.manners) {
            case OBEDIENT -> {
                client.ticket = slot.ticket();
                client.slotNanos = now + wait;
                long jitter = slot.ticket() == null ? wait / 4 : 50 * Nanos.MILLI;
                dial(client, now + wait + (long) (random.nextDouble() * jitter));
            }
            case FOREIGN -> dial(client, now + (wait + Nanos.SECOND - 1) / Nanos.SECOND * Nanos.SECOND);
            case GREEDY -> dial(client, now + Nanos.SECOND);
            case GONE -> client.slotNanos = now + wait;
        }
    }

    // ---- what came of it ----

    List<Client> of(Manners manners) {
        return clients.stream().filter(client -> client.manners == manners).toList();
    }

    /** When this part of these clients were in; fails when they never were. */
    static double secondsUntil(double part, List<Client> clients) {
        long[] in =
                clients.stream().mapToLong(client -> client.inNanos).sorted().toArray();
        long at = in[(int) Math.ceil(part * in.length) - 1];
        if (at == Engine.NO_DEADLINE) {
            throw new AssertionError(100 * part + " % of the clients were never in");
        }
        return at / (double) Nanos.SECOND;
    }

    static double attempts(List<Client> clients) {
        return clients.stream().mapToInt(client -> client.attempts).average().orElse(0);
    }

    static int mostAttempts(List<Client> clients) {
        return clients.stream().mapToInt(client -> client.attempts).max().orElse(0);
    }

    /** The longest that a request waited to be handled. */
    double latestSeconds() {
        return lateNanos / (double) Nanos.SECOND;
    }

    StormControl.Counts counts() {
        return control.counts();
    }
}
