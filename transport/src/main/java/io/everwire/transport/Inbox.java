package io.everwire.transport;

import io.everwire.Limits;
import io.everwire.Message;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Received messages that the application has not taken yet. Bounded by whoever fills it: when it holds the read-ahead,
 * reading stops.
 *
 * <p><b>Thread safety.</b> Any thread; one lock, never held while application code runs.
 */
final class Inbox {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private final int readAheadBytes;
    private long bytes;
    /** How many messages there are; it is asked for before each message that is not queued, and without the lock. */
    private volatile int count;

    /** The numbers of what {@link #await} has given away and nobody has said to have handled. */
    private final ArrayDeque<Long> lent = new ArrayDeque<>();

    /** How many are given back, of which the session does not know yet. */
    private int returning;

    private boolean isEnded;
    private boolean isStopped;
    /** Whether what waits must not be taken now. */
    private boolean isHeld;

    Inbox(int readAheadBytes) {
        this.readAheadBytes = readAheadBytes;
    }

    /** Adds a message; returns whether reading must stop now. */
    boolean add(Message message) {
        lock.lock();
        try {
            messages.addLast(message);
            count = messages.size();
            bytes += cost(message);
            arrived.signal();
            isStopped |= bytes >= readAheadBytes;
            return isStopped;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next message, null when there is none now. */
    @Nullable Message poll() {
        lock.lock();
        try {
            return take();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a message and lends it; null when none came within the time, or none will come any more. */
    @Nullable Message await(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while ((messages.isEmpty() || isHeld) && !isEnded && left > 0) {
                left = arrived.awaitNanos(left);
            }
            Message message = take();
            if (message != null && message.number() > 0) {
                lent.addLast(message.number());
            }
            return message;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Message take() {
        Message message = isHeld ? null : messages.pollFirst();
        if (message != null) {
            count = messages.size();
            bytes -= cost(message);
        }
        return message;
    }

    /** Takes the number of a message that was lent, 0 when there is none. It counts as lent until {@link #noteReturned}. */
    long pollLent() {
        lock.lock();
        try {
            Long number = lent.pollFirst();
            if (number == null) {
                return 0;
            }
            returning++;
            return number;
        } finally {
            lock.unlock();
        }
    }

    /** The session learns now that the application has handled one that it gave back. */
    void noteReturned() {
        lock.lock();
        try {
            returning--;
        } finally {
            lock.unlock();
        }
    }

    boolean isLent() {
        lock.lock();
        try {
            return returning > 0 || !lent.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Gives nothing away until {@link #release}. */
    void hold() {
        lock.lock();
        try {
            isHeld = true;
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            isHeld = false;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what waits, and ends the waiting. */
    void discard() {
        lock.lock();
        try {
            messages.clear();
            count = 0;
            bytes = 0;
            end();
        } finally {
            lock.unlock();
        }
    }

    /** Tells, once, that reading may go on: it was stopped and at most half of the read-ahead is left. */
    boolean mayReadAgain() {
        lock.lock();
        try {
            boolean mayRead = isStopped && bytes <= readAheadBytes / 2;
            isStopped &= !mayRead;
            return mayRead;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the waiting: no message will come any more. */
    void end() {
        lock.lock();
        try {
            isEnded = true;
            isHeld = false;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Tells whether every message was taken and none will come any more. */
    boolean isExhausted() {
        lock.lock();
        try {
            return isEnded && messages.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private static long cost(Message message) {
        return message.length() + (long) Limits.MESSAGE_OVERHEAD_BYTES;
    }
}
