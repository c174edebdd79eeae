package io.everwire.verification.conversation;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Remembers what it was told, in order, and lets a test wait for it. */
public class RecordingListener implements SessionListener {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private final List<Message> messages = new ArrayList<>();
    private final List<SessionEvent> events = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    private int taken;
    private int writable;

    @Override
    public void onMessage(Session session, Message message) {
        note(() -> messages.add(message));
    }

    @Override
    public void onWritable(Session session) {
        note(() -> writable++);
    }

    @Override
    public void onEvent(Session session, SessionEvent event) {
        note(() -> {
            events.add(event);
            if (!sessions.contains(session)) {
                sessions.add(session);
            }
        });
    }

    private void note(Runnable change) {
        lock.lock();
        try {
            change.run();
            told.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What a test looks for; null when it is not there yet. */
    private interface Look<T> {
        @Nullable T now();
    }

    private <T> T await(String what, Look<T> look) {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(Patience.SECONDS);
            for (T found = look.now(); ; found = look.now()) {
                if (found != null) {
                    return found;
                }
                if (left <= 0) {
                    throw new AssertionError(
                            "waited in vain for " + what + "; " + messages.size() + " messages, events " + events);
                }
                left = told.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("the test was interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the next message not yet returned, waiting for it. */
    public Message next() {
        return await("a message", () -> taken < messages.size() ? messages.get(taken++) : null);
    }

    /** Returns the next texts, waiting for each. */
    public List<String> next(int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(next().text());
        }
        return texts;
    }

    /** Returns the first event of this kind, waiting for it. */
    public <E extends SessionEvent> E await(Class<E> kind) {
        return await(kind, event -> true);
    }

    /** Returns the first such event, waiting for it. */
    public <E extends SessionEvent> E await(Class<E> kind, Predicate<E> condition) {
        return await(
                kind.getSimpleName(),
                () -> events.stream()
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .filter(condition)
                        .findFirst()
                        .orElse(null));
    }

    /** Waits until so many events of this kind were told and returns them. */
    public <E extends SessionEvent> List<E> await(Class<E> kind, int count) {
        return await(count + " " + kind.getSimpleName(), () -> {
            List<E> found = all(kind);
            return found.size() >= count ? found : null;
        });
    }

    /** Waits for the first session that told an event. */
    public Session session() {
        return await("a session", () -> sessions.isEmpty() ? null : sessions.get(0));
    }

    public void awaitWritable() {
        await("onWritable", () -> writable > 0 ? Boolean.TRUE : null);
    }

    public <E extends SessionEvent> List<E> all(Class<E> kind) {
        lock.lock();
        try {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        } finally {
            lock.unlock();
        }
    }

    public List<SessionEvent> events() {
        lock.lock();
        try {
            return List.copyOf(events);
        } finally {
            lock.unlock();
        }
    }

    public List<String> texts() {
        lock.lock();
        try {
            return messages.stream().map(Message::text).toList();
        } finally {
            lock.unlock();
        }
    }

    public int messageCount() {
        lock.lock();
        try {
            return messages.size();
        } finally {
            lock.unlock();
        }
    }
}
