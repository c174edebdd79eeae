package io.everwire.session.resume;

import io.everwire.Limits;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one direction has sent and may have to send again, by number from 1.
 *
 * <p>A message is held until the peer is known to have <em>received</em> it, and charged to the window until the peer has
 * <em>acknowledged</em> it: after a resume the peer may still hold what this end need not hold any more.
 *
 * @param <M> what the driver keeps of a message
 */
final class ReplayBuffer<M> {
    private static final int SMALLEST = 8;
    private static final @Nullable Object[] NOTHING = {};
    private static final int[] NO_COSTS = {};

    private @Nullable Object[] items = NOTHING;
    private int[] costs = NO_COSTS;
    private long acknowledged;
    /** Released, beyond what was acknowledged, which a window of 2^20 messages bounds; the same of what was sent. */
    private int released;

    private int sent;
    private int chargedBytes;

    ReplayBuffer() {}

    /** Begins behind messages that are settled: the next one gets the number {@code settled + 1}. */
    void startAfter(long settled) {
        acknowledged = settled;
        released = 0;
        sent = 0;
    }

    /** Returns what a message is charged: its payload and {@link Limits#MESSAGE_OVERHEAD_BYTES}. */
    static int costOf(int bytes) {
        return bytes + Limits.MESSAGE_OVERHEAD_BYTES;
    }

    /** Adds a message and returns its number. */
    long add(M message, int bytes) {
        sent++;
        if (sent > items.length) {
            grow();
        }
        long last = last();
        items[slot(last)] = message;
        costs[slot(last)] = costOf(bytes);
        chargedBytes = Math.addExact(chargedBytes, costOf(bytes));
        return last;
    }

    private void grow() {
        @Nullable Object[] oldItems = items;
        int[] oldCosts = costs;
        items = new Object[Math.max(SMALLEST, 2 * oldItems.length)];
        costs = new int[items.length];
        for (long number = acknowledged + 1; number < last(); number++) {
            int from = (int) (number & (oldItems.length - 1));
            items[slot(number)] = oldItems[from];
            costs[slot(number)] = oldCosts[from];
        }
    }

    private int slot(long number) {
        return (int) (number & (items.length - 1));
    }

    /** Forgets messages that the peer has received; they stay charged. */
    void release(long upTo) {
        while (released() < upTo) {
            released++;
            items[slot(released())] = null;
        }
    }

    /** Ends the charge of messages that the peer has acknowledged, and forgets them; returns the bytes that became free. */
    long acknowledge(long upTo) {
        release(upTo);
        int freed = 0;
        while (acknowledged < upTo) {
            acknowledged++;
            released--;
            sent--;
            freed += costs[slot(acknowledged)];
        }
        chargedBytes -= freed;
        if (sent == 0 && items.length > SMALLEST) {
            // An idle session costs next to nothing.
            items = new Object[SMALLEST];
            costs = new int[SMALLEST];
        }
        return freed;
    }

    /** Forgets everything; numbers begin with 1 again. Returns the bytes that became free. */
    long clear() {
        long freed = chargedBytes;
        Arrays.fill(items, null);
        chargedBytes = 0;
        startAfter(0);
        return freed;
    }

    /** Returns a held message. */
    @SuppressWarnings("unchecked")
    M at(long number) {
        Object item = items[slot(number)];
        if (item == null || number <= released() || number > last()) {
            throw new AssertionError("message " + number + " is outside " + (released() + 1) + " to " + last());
        }
        return (M) item;
    }

    /** The last message that the peer is known to have handed to its application. */
    long acknowledged() {
        return acknowledged;
    }

    /** The last message that the peer is known to have received; later ones are held. */
    long released() {
        return acknowledged + released;
    }

    /** The number of the newest message. */
    long last() {
        return acknowledged + sent;
    }

    int chargedBytes() {
        return chargedBytes;
    }

    int chargedMessages() {
        return sent;
    }
}
