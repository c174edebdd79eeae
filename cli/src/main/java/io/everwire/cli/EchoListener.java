package io.everwire.cli;

import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;

/**
 * Sends every message back to where it came from. When a client reads more slowly than it writes, its session is paused until it
 * has caught up: no echo is left out.
 */
final class EchoListener implements SessionListener {
    /** Where a session keeps the one message that found the queue full. */
    private static final String HELD = "held";

    private final EventSink sink;

    EchoListener(EventSink sink) {
        this.sink = sink;
    }

    @Override
    public void onView(Session session, MessageView view) {
        if (!session.trySend(view)) {
            session.pause();
            session.attributes().put(HELD, view.toMessage());
        }
    }

    @Override
    public void onWritable(Session session) {
        if (session.attributes().get(HELD) instanceof Message held && session.trySend(held)) {
            session.attributes().remove(HELD);
            session.resume();
        }
    }

    @Override
    public void onEvent(Session session, SessionEvent event) {
        sink.event(session, event);
    }
}
