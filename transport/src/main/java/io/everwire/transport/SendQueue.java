package io.everwire.transport;

import io.everwire.Delivery;
import io.everwire.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The outbound queue of a session, bounded in bytes and messages. It outlives connections: what was not handed over waits for
 * the next one, in order.
 *
 * <p>A message counts from its offer until the kernel has taken it. One legal message always fits an empty queue.
 *
 * <p><b>Thread safety.</b> Any thread; one lock, never held while application code runs. Messages are settled by the caller.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // Each update holds the lock.
final class SendQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Send> waiting = new ArrayDeque<>(1);
    private final int maxBytes;
    private final int maxMessages;
    private long bytes;
    /** Written under the lock. */
    private volatile int messages;

    private boolean wasFull;
    private volatile @Nullable String closedReason;

    SendQueue(Limits limits) {
        maxBytes = limits.queuedBytes();
        maxMessages = limits.queuedMessages();
    }

    /** What became of an offer. */
    record Offer(@Nullable String refusal, @Nullable Send replaced) {
        static final Offer TAKEN = new Offer(null, null);
    }

    /** Takes the message, or says why not; a message with the same key is replaced in its place. */
    Offer offer(Send send) {
        lock.lock();
        try {
            if (closedReason != null) {
                return new Offer(closedReason, null);
            }
            Send replaced = replacedBy(send);
            if (replaced == null ? !hasRoomFor(send) : !hasRoomFor(send, replaced)) {
                wasFull = true;
                return new Offer(Delivery.FULL, null);
            }
            if (replaced != null) {
                replace(replaced, send);
                bytes += send.cost() - replaced.cost();
                return new Offer(null, replaced);
            }
            waiting.addLast(send);
            bytes += send.cost();
            messages++;
            return Offer.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for room, then takes the message; returns false when there was none within the time. */
    boolean awaitOffer(Send send, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (closedReason == null && !hasRoomFor(send)) {
                if (left <= 0) {
                    return false;
                }
                left = room.awaitNanos(left);
            }
            return closedReason == null && offer(send).refusal() == null;
        } finally {
            lock.unlock();
        }
    }

    /** Charges a message that goes past the queue, full or not; returns why not, null when it may go. */
    @Nullable String charge(Send send) {
        lock.lock();
        try {
            if (closedReason != null) {
                return closedReason;
            }
            bytes += send.cost();
            messages++;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoomFor(Send send) {
        return messages == 0 || (bytes + send.cost() <= maxBytes && messages < maxMessages);
    }

    /** A replacement may be larger than what it replaces. */
    private boolean hasRoomFor(Send send, Send replaced) {
        long grown = (long) send.cost() - replaced.cost();
        return grown <= 0 || messages == 1 || bytes + grown <= maxBytes;
    }

    private @Nullable Send replacedBy(Send send) {
        if (send.key != null) {
            for (Send queued : waiting) {
                if (send.key.equals(queued.key) && !queued.isStarted()) {
                    return queued;
                }
            }
        }
        return null;
    }

    private void replace(Send replaced, Send send) {
        for (int left = waiting.size(); left > 0; left--) {
            Send queued = waiting.removeFirst();
            waiting.addLast(queued == replaced ? send : queued);
        }
    }

    /** Takes the next message off the queue; it goes on counting until {@link #release}. */
    @Nullable Send poll() {
        lock.lock();
        try {
            return waiting.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next message off the queue if the judge, which must be quick, lets a message of this many bytes go; otherwise null. No
     * room is asked for what has expired.
     */
    @Nullable Send pollIf(IntPredicate judge, long nowNanos) {
        if (messages == 0) {
            return null; // Without the lock: asked after each message that a session hands over.
        }
        lock.lock();
        try {
            Send first = waiting.peekFirst();
            boolean mayGo = first != null && (hasExpired(first, nowNanos) || judge.test(first.length));
            return mayGo ? waiting.pollFirst() : null;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a message back to the front that was handed over in part only. */
    void putBack(Send send) {
        send.restart();
        lock.lock();
        try {
            waiting.addFirst(send);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the count of messages; returns whether a queue that was found full is at most half full again. */
    boolean release(long releasedBytes, int releasedMessages) {
        lock.lock();
        try {
            bytes -= releasedBytes;
            messages -= releasedMessages;
            room.signalAll();
            boolean isWritableAgain = wasFull && bytes <= maxBytes / 2 && messages <= maxMessages / 2;
            wasFull &= !isWritableAgain;
            return isWritableAgain;
        } finally {
            lock.unlock();
        }
    }

    /** Removes and returns what has expired; the caller releases and settles it. */
    List<Send> takeExpired(long nowNanos) {
        List<Send> expired = new ArrayList<>();
        lock.lock();
        try {
            for (Iterator<Send> all = waiting.iterator(); all.hasNext(); ) {
                Send send = all.next();
                if (hasExpired(send, nowNanos)) {
                    all.remove();
                    expired.add(send);
                }
            }
        } finally {
            lock.unlock();
        }
        return expired;
    }

    /** Returns when the first of the waiting messages expires, {@link Send#NEVER} when none does. */
    long earliestExpiryNanos() {
        lock.lock();
        try {
            long earliest = Send.NEVER;
            for (Send send : waiting) {
                if (earliest == Send.NEVER || (send.expiresNanos != Send.NEVER && send.expiresNanos - earliest < 0)) {
                    earliest = send.expiresNanos;
                }
            }
            return earliest;
        } finally {
            lock.unlock();
        }
    }

    static boolean hasExpired(Send send, long nowNanos) {
        return send.expiresNanos != Send.NEVER && nowNanos - send.expiresNanos >= 0;
    }

    /** Closes the queue for good and returns what still waited; later offers are refused with the reason. */
    List<Send> close(String reason) {
        lock.lock();
        try {
            if (closedReason == null) {
                closedReason = reason;
            }
            List<Send> left = new ArrayList<>(waiting);
            waiting.clear();
            room.signalAll();
            return left;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses later offers with the reason; what waits stays. */
    void refuse(String reason) {
        lock.lock();
        try {
            if (closedReason == null) {
                closedReason = reason;
            }
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closedReason != null;
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether nothing waits; what is handed over and unwritten may still count. */
    boolean isEmpty() {
        if (messages == 0) {
            return true; // Without the lock: asked before each borrowed message.
        }
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
