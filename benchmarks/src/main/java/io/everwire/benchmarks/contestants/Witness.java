package io.everwire.benchmarks.contestants;

import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.benchmarks.load.Loopback;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Notes when the server has given its peers up. */
final class Witness implements SessionListener {
    private static final String CLIENT = "client";
    private static final String IS_DEAD = "isDead";

    private final ConcurrentMap<Integer, Long> verdicts = new ConcurrentHashMap<>();
    private final AtomicInteger graces = new AtomicInteger();

    @Override
    public void onEvent(Session session, SessionEvent event) {
        if (event instanceof SessionEvent.Open open) {
            session.attributes().put(CLIENT, Loopback.number(open.handshake().peerAddress()));
        } else if (event instanceof SessionEvent.Dead dead) {
            session.attributes().put(IS_DEAD, dead.grace());
        } else if (event instanceof SessionEvent.Closed) {
            // The first thing: the verdict counts from when the application can hear of it.
            long now = System.nanoTime();
            if (session.attributes().get(IS_DEAD) instanceof Boolean isGrace
                    && session.attributes().get(CLIENT) instanceof Integer client) {
                verdicts.put(client, now);
                if (isGrace) {
                    graces.incrementAndGet();
                }
            }
        }
    }

    /** Forgets all verdicts. */
    void forget() {
        verdicts.clear();
        graces.set(0);
    }

    /** Returns how many of the verdicts came after a grace, which the server gives for a stall of its own. */
    int graces() {
        return graces.get();
    }

    /** Returns how many peers were judged dead. */
    int judged() {
        return verdicts.size();
    }

    /** Returns when the end of each connection was told whose peer was judged dead, as {@code connection:nanos}. */
    String verdicts() {
        return verdicts.entrySet().stream()
                .map(verdict -> verdict.getKey() + ":" + verdict.getValue())
                .collect(Collectors.joining(" "));
    }
}
