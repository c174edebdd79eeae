package io.everwire.transport;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Iterates over a session's messages, waiting for each, until the session is closed. */
final class ReceivedMessages implements Iterator<Message> {
    private static final Duration LONG = Duration.ofDays(1);

    private final Session session;
    private @Nullable Message next;

    ReceivedMessages(Session session) {
        this.session = session;
    }

    @Override
    public boolean hasNext() {
        try {
            while (next == null) {
                next = session.receive(LONG);
            }
            return true;
        } catch (SessionClosedException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public Message next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("the session is closed");
        }
        Message taken = next;
        next = null;
        return taken;
    }
}
