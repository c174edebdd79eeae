package io.everwire.cli;

import io.everwire.Message;
import io.everwire.SessionEvent;
import io.everwire.SessionLoss;
import io.everwire.transport.RealClock;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Writes down what happens in the story, in the callbacks, and lets the story wait for it. Any thread. */
final class StoryRecord {
    final StoryEnd server = new StoryEnd();
    final StoryEnd client = new StoryEnd();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final BitSet received = new BitSet();
    private final BitSet arrived = new BitSet();
    private final BitSet arrivedAgain = new BitSet();
    private int repeated;
    private long replayed;
    private @Nullable SessionLoss loss;
    private long unknownSends;
    private boolean isServed;
    private boolean isReady;
    private boolean isEnded;
    private @Nullable Long cutNanos;
    private @Nullable Long healNanos;
    private @Nullable Long echoNanos;
    private @Nullable Long backNanos;

    void cut(long nowNanos) {
        change(() -> cutNanos = nowNanos);
    }

    void heal(long nowNanos) {
        change(() -> healNanos = nowNanos);
    }

    void serverEvent(SessionEvent event, long nowNanos) {
        change(() -> server.handle(event, nowNanos));
    }

    void clientEvent(SessionEvent event, long nowNanos) {
        change(() -> {
            client.handle(event, nowNanos);
            if (event instanceof SessionEvent.Ready) {
                isReady = true;
                backNanos = event.epoch() > 1 && healNanos != null ? Long.valueOf(nowNanos) : backNanos;
            } else if (event instanceof SessionEvent.Lost lost) {
                isReady = false;
                unknownSends += lost.gap().unknownSends();
            } else if (event instanceof SessionEvent.Suspended) {
                isReady = false;
            } else if (event instanceof SessionEvent.Resumed back) {
                isReady = true;
                backNanos = healNanos == null ? backNanos : Long.valueOf(nowNanos);
                replayed += back.replayedIn() + back.replayedOut();
            } else if (event instanceof SessionEvent.SessionLost lost) {
                unknownSends += lost.loss().unknown();
                loss = lost.loss();
            } else if (event instanceof SessionEvent.Closed) {
                isEnded = true;
            }
        });
    }

    /** Takes what the server's application was given: the number of a message, in decimal. */
    void arrival(Message message) {
        int number = Integer.parseInt(message.text());
        change(() -> {
            if (arrived.get(number)) {
                arrivedAgain.set(number);
            }
            arrived.set(number);
        });
    }

    /** Takes an echo: the number of its message, in decimal. */
    void echo(Message message, long nowNanos) {
        int number = Integer.parseInt(message.text());
        change(() -> {
            if (received.get(number)) {
                repeated++;
            }
            received.set(number);
            if (healNanos != null && echoNanos == null) {
                echoNanos = nowNanos;
            }
        });
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a condition, which is asked under the lock after every change; returns whether it came true in time. */
    boolean await(BooleanSupplier condition, Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = limit.toNanos();
            while (!condition.getAsBoolean() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return condition.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /** Tells, once, that no session of the server was seen before. */
    boolean isFirstServed() {
        lock.lock();
        try {
            boolean isFirst = !isServed;
            isServed = true;
            return isFirst;
        } finally {
            lock.unlock();
        }
    }

    boolean isReady() {
        lock.lock();
        try {
            return isReady;
        } finally {
            lock.unlock();
        }
    }

    boolean isEnded() {
        lock.lock();
        try {
            return isEnded;
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether messages flow again after the network's return: on a new connection, or on the old one. */
    boolean isUsableAgain() {
        lock.lock();
        try {
            return backNanos != null || (echoNanos != null && !client.isLost());
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether both ends agree on the first connection: each has lost it, or neither. */
    boolean isSettled() {
        lock.lock();
        try {
            return server.isLost() == client.isLost();
        } finally {
            lock.unlock();
        }
    }

    boolean hasReceived(int number) {
        lock.lock();
        try {
            return received.get(number);
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many messages were reported as written to a lost connection and never confirmed. */
    long unknownSends() {
        lock.lock();
        try {
            return unknownSends;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many messages the server's application was given exactly once. */
    int delivered() {
        lock.lock();
        try {
            return arrived.cardinality() - arrivedAgain.cardinality();
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many times an application was given what it had been given before, at either end. */
    int duplicated() {
        lock.lock();
        try {
            return arrivedAgain.cardinality() + repeated;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many messages were sent again because the peer had not received them, both ways. */
    long replayed() {
        lock.lock();
        try {
            return replayed;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how the session was lost, null when it was not. */
    @Nullable SessionLoss loss() {
        lock.lock();
        try {
            return loss;
        } finally {
            lock.unlock();
        }
    }

    int received() {
        lock.lock();
        try {
            return received.cardinality();
        } finally {
            lock.unlock();
        }
    }

    /** Returns what was measured. */
    Times times() {
        lock.lock();
        try {
            Long cut = cutNanos;
            long from = cut == null ? RealClock.nanos() : cut;
            Long usable = client.isLost() ? backNanos : echoNanos;
            return new Times(cut, healNanos, usable, server.verdict(from), client.verdict(from), repeated);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What was measured, on the monotonic clock.
     *
     * @param cutNanos when the cable was cut, null when the story did not come so far
     * @param healNanos when the network returned
     * @param usableNanos when messages flowed again
     * @param repeated how many messages came back twice
     */
    record Times(
            @Nullable Long cutNanos,
            @Nullable Long healNanos,
            @Nullable Long usableNanos,
            StoryEnd.Verdict server,
            StoryEnd.Verdict client,
            int repeated) {
        @Nullable Duration outage() {
            return between(cutNanos, healNanos);
        }

        @Nullable Duration recovery() {
            return between(healNanos, usableNanos);
        }

        private static @Nullable Duration between(@Nullable Long from, @Nullable Long to) {
            return from == null || to == null ? null : Duration.ofNanos(to - from);
        }
    }
}
