package io.everwire.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The race of TCP connects, at most four, the oldest first; and its winner, until its upgrade is over. */
final class Probes {
    static final int MOST = 4;
    static final long NONE = 0;

    private final List<Probe> inFlight = new ArrayList<>(MOST);
    private long winner = NONE;
    private long winnerDeadlineNanos;
    private long connectedNanos;
    private UpgradeStep step = UpgradeStep.REQUEST;

    /** A TCP connect, and when it has had its time. */
    record Probe(long id, long deadlineNanos) {}

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

    /** Takes a connected probe out as the winner; false when it is not (any more) in the race. */
    boolean win(long id, long now) {
        for (Probe probe : inFlight) {
            if (probe.id() == id) {
                inFlight.remove(probe);
                winner = id;
                winnerDeadlineNanos = probe.deadlineNanos();
                connectedNanos = now;
                return true;
            }
        }
        return false;
    }

    long winner() {
        return winner;
    }

    /** Returns how long the winner may still wait for its upgrade. */
    long winnersPatience(long now) {
        return Math.max(0, winnerDeadlineNanos - now);
    }

    /** Returns the deadline of an upgrade that starts now: the probe's, moved by the wait for the budget. */
    long upgradeDeadline(long now) {
        return winnerDeadlineNanos + (now - connectedNanos);
    }

    /** Notes how far the winner's upgrade is. */
    void winnerReached(UpgradeStep reached) {
        step = reached;
    }

    UpgradeStep winnersStep() {
        return step;
    }

    /** Takes the winner out and returns it, {@link #NONE} when there is none. */
    long removeWinner() {
        long last = winner;
        winner = NONE;
        step = UpgradeStep.REQUEST;
        return last;
    }

    /** Takes out everything that was not taken as the winner. */
    List<Probe> removeAll() {
        List<Probe> all = List.copyOf(inFlight);
        inFlight.clear();
        return all;
    }

    /** Returns the earliest deadline, or {@link Engine#NO_DEADLINE}. */
    long deadlineNanos() {
        long next = Engine.NO_DEADLINE;
        for (Probe probe : inFlight) {
            next = Nanos.earlier(next, probe.deadlineNanos());
        }
        return next;
    }
}
