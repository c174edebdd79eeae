package io.everwire.transport;

import java.net.InetAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts claims without the session's secret by the address that they come from, never by the session that they name: who floods a
 * session with them must not keep its owner from it.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
final class BadClaims {
    static final int MOST = 10;
    static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** How many addresses are remembered, the latest. */
    static final int ADDRESSES = 10_000;

    private final Map<Places.Neighbours, Tally> tallies = new LinkedHashMap<>();

    private static final class Tally {
        final long begunNanos;
        int count;

        Tally(long begunNanos) {
            this.begunNanos = begunNanos;
        }
    }

    /** Tells whether a claim from this address is to be refused unread. */
    synchronized boolean isFlooding(@Nullable InetAddress address, long nowNanos) {
        Tally tally = address == null ? null : tallies.get(Places.Neighbours.of(address));
        return tally != null && !isOver(tally, nowNanos) && tally.count >= MOST;
    }

    /** Notes a bad claim. */
    synchronized void note(@Nullable InetAddress address, long nowNanos) {
        if (address == null) {
            return;
        }
        Places.Neighbours from = Places.Neighbours.of(address);
        Tally tally = tallies.get(from);
        if (tally == null || isOver(tally, nowNanos)) {
            // The newest window stands last, so that the first is the oldest.
            tallies.remove(from);
            forget(nowNanos);
            tally = new Tally(nowNanos);
            tallies.put(from, tally);
        }
        tally.count++;
    }

    private void forget(long nowNanos) {
        Iterator<Tally> oldest = tallies.values().iterator();
        while (oldest.hasNext() && (isOver(oldest.next(), nowNanos) || tallies.size() >= ADDRESSES)) {
            oldest.remove();
        }
    }

    private static boolean isOver(Tally tally, long nowNanos) {
        return nowNanos - tally.begunNanos >= WINDOW_NANOS;
    }

    synchronized int addresses() {
        return tallies.size();
    }
}
