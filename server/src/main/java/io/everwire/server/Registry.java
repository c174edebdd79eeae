package io.everwire.server;

import io.everwire.CloseStatus;
import io.everwire.Session;
import io.everwire.transport.Admission;
import io.everwire.transport.ServerSession;
import io.everwire.transport.SessionSet;
import org.jspecify.annotations.Nullable;

/** Knows the sessions of a server at this moment. Any thread. */
final class Registry implements Admission.Entry {
    private final SessionSet<Session> sessions = new SessionSet<>();
    private volatile @Nullable CloseStatus leaving;

    /** Returns all of them, also those of the moments to come. */
    SessionSet<Session> sessions() {
        return sessions;
    }

    /** Lets every connection that is let in from now on go with this status. */
    void close(CloseStatus status) {
        leaving = status;
    }

    @Override
    public void began(ServerSession session) {
        sessions.add(session);
        CloseStatus status = leaving;
        if (status != null) {
            session.leave(status);
        }
    }

    @Override
    public void ended(ServerSession session) {
        sessions.remove(session);
    }
}
