package io.everwire.transport;

import io.everwire.Message;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One message on its way to many sessions: encoded once, and for many recipients at a time one task of their event loop instead of one for
 * each, which would wake it as often as it has written.
 *
 * <p><b>Thread safety.</b> One thread, whichever.
 */
public final class Broadcast implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broadcast.class);
    /** Enough that a task costs nothing beside its writes, and few enough that others are read soon. */
    private static final int SESSIONS_A_TASK = 64;

    private final EncodedMessage encoded;
    private final Map<EventLoop, List<BaseSession>> takers = new HashMap<>();

    /** Encodes the message. */
    public Broadcast(Message message) {
        encoded = EncodedMessage.of(message);
    }

    /** Queues the message; returns false when the session did not take it. Its event loop is asked to write it by {@link #close} at the latest. */
    public boolean offer(ServerSession session) {
        if (!session.outbox().offer(new Send(encoded))) {
            return false;
        }
        // First: nobody else wakes the loop for a session that is claimed.
        List<BaseSession> waiting = takers.computeIfAbsent(session.loop(), loop -> new ArrayList<>(SESSIONS_A_TASK));
        if (session.claimPump()) {
            waiting.add(session);
        }
        if (waiting.size() == SESSIONS_A_TASK) {
            takers.remove(session.loop());
            pump(session.loop(), waiting);
        }
        return true;
    }

    @Override
    public void close() {
        try {
            takers.forEach(Broadcast::pump);
        } finally {
            encoded.release();
        }
    }

    private static void pump(EventLoop loop, List<BaseSession> sessions) {
        try {
            loop.execute(() -> sessions.forEach(Broadcast::pump));
        } catch (RejectedExecutionException e) {
            // The event loops were closed: each session settles what it has taken.
            sessions.forEach(session -> session.onLoop(session::pump));
        }
    }

    /** What goes wrong with one session is not the others' affair. */
    private static void pump(BaseSession session) {
        try {
            session.pump();
        } catch (Throwable e) {
            LOG.error("a broadcast could not be written to {}", session, e);
        }
    }
}
