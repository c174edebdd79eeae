package io.everwire.transport;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts the connections of a server, in all and per address. Any thread. */
final class Places {
    private final int most;
    private final int mostPerAddress;
    private final AtomicInteger taken = new AtomicInteger();
    private final ConcurrentMap<Neighbours, Integer> takenByAddress = new ConcurrentHashMap<>();

    /** Addresses that count as one: a single one of IPv4, and 64 bits of IPv6, which is what one household is given. */
    record Neighbours(boolean isV6, long prefix) {
        static Neighbours of(InetAddress address) {
            byte[] bytes = address.getAddress();
            long prefix = 0;
            for (int i = 0; i < Math.min(bytes.length, Long.BYTES); i++) {
                prefix = prefix << Byte.SIZE | (bytes[i] & 0xff);
            }
            return new Neighbours(bytes.length > 4, prefix);
        }
    }

    Places(int most, int mostPerAddress) {
        this.most = most;
        this.mostPerAddress = mostPerAddress;
    }

    /** Takes a place if there is one. */
    boolean enter() {
        if (taken.incrementAndGet() <= most) {
            return true;
        }
        taken.decrementAndGet();
        return false;
    }

    void leave() {
        taken.decrementAndGet();
    }

    /** Takes a place among those of an address if there is one; an unknown address has as many as it wants. */
    boolean enter(@Nullable InetAddress address) {
        if (mostPerAddress == Integer.MAX_VALUE || address == null) {
            return true;
        }
        boolean[] isTaken = new boolean[1];
        takenByAddress.compute(Neighbours.of(address), (key, count) -> {
            int before = count == null ? 0 : count;
            isTaken[0] = before < mostPerAddress;
            return isTaken[0] ? before + 1 : count;
        });
        return isTaken[0];
    }

    void leave(@Nullable InetAddress address) {
        if (mostPerAddress != Integer.MAX_VALUE && address != null) {
            takenByAddress.computeIfPresent(Neighbours.of(address), (key, count) -> count == 1 ? null : count - 1);
        }
    }

    int taken() {
        return taken.get();
    }

    int addresses() {
        return takenByAddress.size();
    }
}
