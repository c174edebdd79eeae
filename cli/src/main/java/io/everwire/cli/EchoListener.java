package io.everwire.cli;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;

/**
 * Sends every message back to where it came from. When a client reads more slowly than it writes, its session is paused until it
 * has caught up: no echo is left out.
 *
 * <p>In a resumable session it is paused earlier, while all echoes still have room in the session's window: what is in the window
 * survives a crash when the store is durable, and what waits behind it in the queue does not, though the client was told that its
 * message has been handled.
 */
final class EchoListener implements SessionListener {
    /** Where a session keeps the one message that found the queue full. */
    private static final String HELD = "held";

    /** Where a resumable session keeps account of its echoes. */
    private static final String ECHOES = "echoes";

    private final EventSink sink;

    EchoListener(EventSink sink) {
        this.sink = sink;
    }

    /** Echoes that the client has not acknowledged. The session's event loop only. */
    private static final class Echoes {
        /** At three quarters of its window the library asks for acknowledgements; later than that it would be late. */
        private static final int MOST_MESSAGES = ResumePolicy.DEFAULT.windowMessages() / 4 * 3;

        private static final int MOST_BYTES = ResumePolicy.DEFAULT.windowBytes() / 4 * 3;

        private int messages;
        private int bytes;

        void add(int count, int length) {
            messages += count;
            bytes += count * (length + Limits.MESSAGE_OVERHEAD_BYTES);
        }

        boolean areMany() {
            return messages >= MOST_MESSAGES || bytes >= MOST_BYTES;
        }
    }

    @Override
    public void onView(Session session, MessageView view) {
        if (session.isResumable()) {
            echo(session, view.toMessage());
        } else if (!session.trySend(view)) {
            hold(session, view.toMessage());
        }
    }

    private static void echo(Session session, Message message) {
        Echoes echoes = (Echoes) session.attributes().computeIfAbsent(ECHOES, key -> new Echoes());
        echoes.add(1, message.length());
        if (echoes.areMany()) {
            session.pause();
        }
        session.send(message).thenAccept(delivery -> {
            boolean wereMany = echoes.areMany();
            echoes.add(-1, message.length());
            if (delivery.reason().equals(Delivery.FULL)) {
                hold(session, message);
            } else if (wereMany && !echoes.areMany() && !session.attributes().containsKey(HELD)) {
                session.resume();
            }
        });
    }

    private static void hold(Session session, Message message) {
        session.pause();
        session.attributes().put(HELD, message);
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
