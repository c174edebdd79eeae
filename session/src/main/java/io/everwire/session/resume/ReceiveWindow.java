package io.everwire.session.resume;

import java.util.Arrays;

/**
 * What one direction has received, by number from 1: how much the application has, how much is committed, and what the peer was told.
 *
 * <p>The peer may have as much in flight as it was not told to have been acknowledged; more breaks the protocol.
 */
final class ReceiveWindow {
    private static final int SMALLEST = 8;
    private static final int[] NONE = {};

    private final int windowBytes;
    private final int windowMessages;
    private int[] costs = NONE;
    private long received;
    private long handed;
    private long told;
    private int untoldBytes;
    /** Up to where {@link #dueBytes} counts, from {@link #told}. */
    private long dueUpTo;

    private int dueBytes;

    ReceiveWindow(int windowBytes, int windowMessages) {
        this.windowBytes = windowBytes;
        this.windowMessages = windowMessages;
    }

    /** Begins behind messages that are settled. */
    void startAfter(long settled) {
        received = settled;
        handed = settled;
        told = settled;
        untoldBytes = 0;
        dueUpTo = settled;
        dueBytes = 0;
    }

    /** Counts the next message; returns false when it does not fit the window, and then nothing is counted. */
    boolean receive(int bytes) {
        int cost = ReplayBuffer.costOf(bytes);
        if (received - told >= windowMessages || (long) untoldBytes + cost > windowBytes) {
            return false;
        }
        received++;
        if (received - told > costs.length) {
            grow();
        }
        costs[slot(received)] = cost;
        untoldBytes += cost;
        return true;
    }

    private void grow() {
        int[] old = costs;
        costs = new int[Math.max(SMALLEST, 2 * old.length)];
        for (long number = told + 1; number < received; number++) {
            costs[slot(number)] = old[(int) (number & (old.length - 1))];
        }
    }

    private int slot(long number) {
        return (int) (number & (costs.length - 1));
    }

    /** The application has handled everything up to this number. */
    void hand(long upTo) {
        handed = Math.max(handed, Math.min(upTo, received));
    }

    /** Tells whether a quarter of the window waits to be acknowledged. */
    boolean isQuarterDue(long settled) {
        while (dueUpTo < settled) {
            dueUpTo++;
            dueBytes += costs[slot(dueUpTo)];
        }
        return (settled - told) * 4 >= windowMessages || dueBytes * 4L >= windowBytes;
    }

    /** The peer is told that everything up to this number is acknowledged, and may send as much again. */
    void tell(long settled) {
        while (told < settled) {
            told++;
            untoldBytes -= costs[slot(told)];
            if (told <= dueUpTo) {
                dueBytes -= costs[slot(told)];
            }
        }
        dueUpTo = Math.max(dueUpTo, told);
        if (told == received && costs.length > SMALLEST) {
            costs = new int[SMALLEST];
        }
    }

    void clear() {
        Arrays.fill(costs, 0);
        startAfter(0);
    }

    /** The last message that is complete and in the session's inbound queue. */
    long received() {
        return received;
    }

    /** The last message that the application has handled. */
    long handed() {
        return handed;
    }

    /** The last message that the peer was told to be acknowledged. */
    long told() {
        return told;
    }

    int windowBytes() {
        return windowBytes;
    }

    int windowMessages() {
        return windowMessages;
    }
}
