package io.everwire.session.resume;

import io.everwire.session.resume.SessionStore.Tombstone;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What stays of sessions that have ended, in the order in which it was added. Any thread. */
final class Tombstones {
    private final Map<SessionId, Tombstone> bySession = new LinkedHashMap<>();

    synchronized void add(SessionId sid, Tombstone tombstone) {
        bySession.put(sid, tombstone);
        if (bySession.size() > SessionStore.TOMBSTONES) {
            Iterator<SessionId> eldest = bySession.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }

    synchronized @Nullable Tombstone find(SessionId sid, long nowMillis) {
        Tombstone tombstone = bySession.get(sid);
        return tombstone == null || isForgotten(tombstone, nowMillis) ? null : tombstone;
    }

    synchronized void sweep(long nowMillis) {
        bySession.values().removeIf(tombstone -> isForgotten(tombstone, nowMillis));
    }

    synchronized void forEach(BiConsumer<SessionId, Tombstone> visitor) {
        bySession.forEach(visitor);
    }

    private static boolean isForgotten(Tombstone tombstone, long nowMillis) {
        return nowMillis - tombstone.endedMillis() > SessionStore.TOMBSTONE_MILLIS;
    }
}
