package io.everwire.transport;

import io.everwire.Failure;
import io.everwire.SessionEvent;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the story of a session's last outage and its last 200 events, and prints them: what happened, when, and why.
 *
 * <p><b>Thread safety.</b> Any thread; one lock.
 */
final class FlightRecorder {
    private static final int CAPACITY = 200;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private @Nullable OutageStory story;
    private SessionEvent.@Nullable Dead verdict;
    private boolean isReady;

    private record Entry(long epochMillis, SessionEvent event) {}

    void add(SessionEvent event) {
        add(event, RealClock.epochMillis());
    }

    /** Adds an event of this moment or of an earlier one. */
    void add(SessionEvent event, long now) {
        locked(() -> {
            if (entries.size() == CAPACITY) {
                entries.removeFirst();
            }
            entries.addLast(new Entry(now, event));
            follow(event, now);
        });
    }

    private void follow(SessionEvent event, long now) {
        if (event instanceof SessionEvent.Dead dead) {
            verdict = dead;
        }
        boolean isLoss = event instanceof SessionEvent.Lost || event instanceof SessionEvent.Suspended;
        boolean isReturn = event instanceof SessionEvent.Ready || event instanceof SessionEvent.Resumed;
        if (isLoss && isReady) {
            story = new OutageStory(now, event, verdict);
        } else if (story != null) {
            story.handle(event, now);
        } else if (event instanceof SessionEvent.Connecting) {
            story = new OutageStory(now, null, null);
        }
        isReady = isReturn || (isReady && !isLoss);
    }

    /** An address is dialed. */
    void addDial() {
        locked(() -> {
            if (story != null) {
                story.handleDial();
            }
        });
    }

    /** A dial has failed. */
    void addDialFailed(Failure failure) {
        locked(() -> {
            if (story != null) {
                story.handleDialFailed(failure);
            }
        });
    }

    String explain(String heading) {
        StringBuilder text = new StringBuilder(heading);
        locked(() -> {
            if (story != null && story.isWorthTelling()) {
                story.lines(RealClock.epochMillis())
                        .forEach(line -> text.append('\n').append(line));
            }
            for (Entry entry : entries) {
                text.append('\n')
                        .append(Instant.ofEpochMilli(entry.epochMillis()))
                        .append("  ");
                text.append('#').append(entry.event().epoch()).append("  ").append(entry.event());
            }
        });
        return text.append('\n').toString();
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}
