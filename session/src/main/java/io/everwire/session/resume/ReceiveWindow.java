package io.everwire.session.resume;

import io.everwire.ResumePolicy;
import java.util.Arrays;

/**
 * What one direction has received, by number from 1: how much the application has, how much is committed, and what the peer was told.
 *
 * <p>The peer may have as much in flight as it was not told to have been acknowledged; more breaks the protocol.
 */
final class ReceiveWindow {
    private static final int SMALLEST = 8;
    private static final int[] NONE = {};

    private final ResumePolicy policy;
    private int[] costs = NONE;
    private long told;
    /** Received, beyond what was told, which a window of 2^20 messages bounds; the same of what was handled. */
    private int received;

    private int handed;
    private int untoldBytes;
    /** Up to where {@link #dueBytes} counts, from what was told. */
    private int dueUpTo;

    private int dueBytes;

    ReceiveWindow(ResumePolicy policy) {
        this.policy = policy;
    }

    /** Begins behind messages that are settled. */
    void startAfter(long settled) {
        told = settled;
        received = 0;
        handed = 0;
        untoldBytes = 0;
        dueUpTo = 0;
        dueBytes = 0;
    }

    /** Counts the next message; returns false when it does not fit the window, and then nothing is counted. */
    boolean receive(int bytes) {
        int cost = ReplayBuffer.costOf(bytes);
        if (received >= windowMessages() || (long) untoldBytes + cost > windowBytes()) {
            return false;
        }
        received++;
        if (received > costs.length) {
            grow();
        }
        costs[slot(told + received)] = cost;
        untoldBytes += cost;
        return true;
    }

    private void grow() {
        int[] old = costs;
        costs = new int[Math.max(SMALLEST, 2 * old.length)];
        for (long number = told + 1; number < told + received; number++) {
            costs[slot(number)] = old[(int) (number & (old.length - 1))];
        }
    }

    private int slot(long number) {
        return (int) (number & (costs.length - 1));
    }

    /** The application has handled everything up to this number. */
    void hand(long upTo) {
        handed = (int) Math.max(handed, Math.min(upTo - told, received));
    }

    /** Tells whether a quarter of the window waits to be acknowledged. */
    boolean isQuarterDue(long settled) {
        while (told + dueUpTo < settled) {
            dueUpTo++;
            dueBytes += costs[slot(told + dueUpTo)];
        }
        return (settled - told) * 4 >= windowMessages() || dueBytes * 4L >= windowBytes();
    }

    /** The peer is told that everything up to this number is acknowledged, and may send as much again. */
    void tell(long settled) {
        while (told < settled) {
            told++;
            received--;
            handed--;
            untoldBytes -= costs[slot(told)];
            if (dueUpTo > 0) {
                dueUpTo--;
                dueBytes -= costs[slot(told)];
            }
        }
        if (received == 0 && costs.length > SMALLEST) {
            costs = new int[SMALLEST];
        }
    }

    void clear() {
        Arrays.fill(costs, 0);
        startAfter(0);
    }

    /** The last message that is complete and in the session's inbound queue. */
    long received() {
        return told + received;
    }

    /** The last message that the application has handled. */
    long handed() {
        return told + handed;
    }

    /** The last message that the peer was told to be acknowledged. */
    long told() {
        return told;
    }

    int windowBytes() {
        return policy.windowBytes();
    }

    int windowMessages() {
        return policy.windowMessages();
    }
}
