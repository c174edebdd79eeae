package io.everwire.transport;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** So many at most: whoever comes when it is full makes the oldest leave. Any thread. */
final class OldestFirst<T> {
    private final int most;
    private final Map<T, Long> bornNanos = new LinkedHashMap<>();

    OldestFirst(int most) {
        this.most = most;
    }

    /** Adds a member and returns the oldest one when it has to leave for it. */
    synchronized @Nullable T add(T member, long nowNanos) {
        T oldest = bornNanos.size() < most ? null : pollOldest();
        bornNanos.put(member, nowNanos);
        return oldest;
    }

    synchronized void remove(T member) {
        bornNanos.remove(member);
    }

    /** Takes out and returns the oldest member if it was added so long ago. */
    synchronized @Nullable T pollOlderThan(long ageNanos, long nowNanos) {
        Iterator<Long> births = bornNanos.values().iterator();
        return births.hasNext() && nowNanos - births.next() >= ageNanos ? pollOldest() : null;
    }

    synchronized int size() {
        return bornNanos.size();
    }

    private @Nullable T pollOldest() {
        Iterator<T> members = bornNanos.keySet().iterator();
        if (!members.hasNext()) {
            return null;
        }
        T oldest = members.next();
        members.remove();
        return oldest;
    }
}
