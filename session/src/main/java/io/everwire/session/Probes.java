package io.everwire.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The TCP connects that race, the oldest first; at most four. */
final class Probes {
    static final int MOST = 4;

    private final List<Probe> inFlight;

    /** A TCP connect, and when it has had its time. */
    record Probe(long id, long deadlineNanos) {}

    Probes() {
        inFlight = new ArrayList<>(MOST);
    }

    Probes(Probes other) {
        inFlight = new ArrayList<>(other.inFlight);
    }

    void add(Probe probe) {
        inFlight.add(probe);
    }

    boolean isEmpty() {
        return inFlight.isEmpty();
    }

    /** Returns whether one must go before another may start. */
    boolean isFull() {
        return inFlight.size() == MOST;
    }

    /** Takes out the second-oldest: the oldest keeps its whole time, for its answer may be slow rather than lost. */
    Probe removeSecondOldest() {
        return inFlight.remove(1);
    }

    /** Takes a probe out, or returns false when it is not (any more) in the race. */
    boolean remove(long id) {
        return inFlight.removeIf(probe -> probe.id() == id);
    }

    boolean contains(long id) {
        return inFlight.stream().anyMatch(probe -> probe.id() == id);
    }

    /** Takes everything out. */
    List<Probe> removeAll() {
        List<Probe> all = List.copyOf(inFlight);
        inFlight.clear();
        return all;
    }

    /** Takes out the oldest of those that have had their time, or returns null. */
    @Nullable Probe removeDue(long now) {
        for (Probe probe : inFlight) {
            if (Nanos.isDue(probe.deadlineNanos(), now)) {
                inFlight.remove(probe);
                return probe;
            }
        }
        return null;
    }

    /** Returns the deadline of a probe that is in the race. */
    long deadlineOf(long id) {
        return inFlight.stream()
                .filter(probe -> probe.id() == id)
                .mapToLong(Probe::deadlineNanos)
                .findFirst()
                .orElse(Engine.NO_DEADLINE);
    }

    /** Returns the earliest deadline, or {@link Engine#NO_DEADLINE}. */
    long deadlineNanos() {
        long next = Engine.NO_DEADLINE;
        for (Probe probe : inFlight) {
            next = Nanos.earlier(next, probe.deadlineNanos());
        }
        return next;
    }

    String fingerprint(long now) {
        StringBuilder text = new StringBuilder();
        for (Probe probe : inFlight) {
            text.append(probe.deadlineNanos() - now).append('/');
        }
        return text.toString();
    }
}
