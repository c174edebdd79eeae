package io.everwire.server;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionState;
import io.everwire.transport.Broadcast;
import io.everwire.transport.ServerSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions that are sent the same. A broadcast is encoded once and shared by all of them; a session that ends leaves by itself.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
public final class Group {
    private final Set<Session> members = ConcurrentHashMap.newKeySet();
    /** Sessions whose end is awaited, once each, however often they are added. */
    private final Set<Session> awaited = ConcurrentHashMap.newKeySet();

    /** Makes an empty group. */
    public Group() {}

    /** Adds a session of a server; a closed one is not added. */
    public void add(Session session) {
        members.add(session);
        if (awaited.add(session)) {
            session.closed().thenRun(() -> {
                members.remove(session);
                awaited.remove(session);
            });
        }
        if (session.state() == SessionState.CLOSED) {
            members.remove(session);
        }
    }

    /** Removes a session. */
    public void remove(Session session) {
        members.remove(session);
    }

    /** Returns how many sessions are in the group. */
    public int size() {
        return members.size();
    }

    /** Sends a text message to every member; see {@link #broadcast(Message)}. */
    public int broadcast(String text) {
        return broadcast(Message.text(text));
    }

    /**
     * Sends a message to every member, without confirmations. A member whose queue is full misses it and counts it in {@link
     * Session#rejectedSends()}; the others are not held up.
     *
     * @return how many members took it
     */
    public int broadcast(Message message) {
        int taken = 0;
        try (Broadcast broadcast = new Broadcast(message)) {
            for (Session member : members) {
                boolean isTaken =
                        member instanceof ServerSession session ? broadcast.offer(session) : member.trySend(message);
                taken += isTaken ? 1 : 0;
            }
        }
        return taken;
    }
}
