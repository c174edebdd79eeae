package io.everwire.transport;

import io.everwire.SessionEvent;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps the last 200 events of a session and prints them: what happened, when, and why. */
final class FlightRecorder {
    private static final int CAPACITY = 200;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();

    private record Entry(long epochMillis, SessionEvent event) {}

    void add(SessionEvent event) {
        lock.lock();
        try {
            if (entries.size() == CAPACITY) {
                entries.removeFirst();
            }
            entries.addLast(new Entry(RealClock.epochMillis(), event));
        } finally {
            lock.unlock();
        }
    }

    String explain(String heading) {
        StringBuilder text = new StringBuilder(heading);
        lock.lock();
        try {
            for (Entry entry : entries) {
                text.append('\n')
                        .append(Instant.ofEpochMilli(entry.epochMillis()))
                        .append("  ");
                text.append('#').append(entry.event().epoch()).append("  ").append(entry.event());
            }
        } finally {
            lock.unlock();
        }
        return text.append('\n').toString();
    }
}
