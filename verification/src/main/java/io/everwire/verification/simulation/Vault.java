package io.everwire.verification.simulation;

import io.everwire.session.resume.MemoryStore;
import io.everwire.session.resume.SessionId;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** What all nodes store in. It can lose what was written last, and then says so of every session that it had. */
final class Vault {
    private final byte[] key;
    private final Set<SessionId> forgotten = new HashSet<>();
    private final Set<SessionId> known = new HashSet<>();
    MemoryStore store;

    Vault(Chance chance) {
        key = key(chance);
        store = new MemoryStore(key);
    }

    private static byte[] key(Chance chance) {
        return ByteBuffer.allocate(32)
                .putLong(chance.next())
                .putLong(chance.next())
                .putLong(chance.next())
                .putLong(chance.next())
                .array();
    }

    void handleCreated(SessionId sid) {
        known.add(sid);
    }

    /** Falls over to a replica whose tail is missing. The key is configured, so it stays. */
    void loseTail() {
        forgotten.addAll(known);
        store = new MemoryStore(key);
    }

    boolean hasForgotten(SessionId sid) {
        return forgotten.contains(sid);
    }

    /** The only process that had the sessions in its memory is gone; its key may be another next time. */
    void dieWith(Chance chance) {
        store = new MemoryStore(chance.oneIn(2) ? key(chance) : key);
    }
}
