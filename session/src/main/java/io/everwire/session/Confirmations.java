package io.everwire.session;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Which messages a pong proves to have been read by the peer's endpoint. WebSocket is ordered, so a pong confirms every message
 * whose last byte was written before its ping.
 *
 * <p>Of the unanswered pings those are remembered before which something was written, {@value #MOST_PINGS} at most. When there are
 * more, the newest takes the place of the one before it: a pong for that one then confirms less than it could, and never too much.
 */
final class Confirmations {
    static final int MOST_PINGS = 64;

    private long written;
    private long confirmed;

    /** The messages written before the newest ping was handed out. */
    private long covered;

    /** Null for none. */
    private @Nullable ArrayDeque<Cover> unanswered;

    /** When the first message was written that wants a confirmation and precedes no ping. */
    private long wantedNanos = Engine.NO_DEADLINE;

    /** When the last pong came, if later than this began. */
    private long answeredNanos;

    /** Before this ping, counted from 1, so many messages were written. */
    private record Cover(long ping, long messages) {}

    Confirmations(long now) {
        answeredNanos = now;
    }

    long write(boolean wantsConfirmation, long now) {
        written++;
        if (wantsConfirmation && wantedNanos == Engine.NO_DEADLINE) {
            wantedNanos = now;
        }
        return written;
    }

    /** The ping with this number, counted from 1, goes out after everything written so far. */
    void handOut(long ping) {
        wantedNanos = Engine.NO_DEADLINE;
        if (written == covered) {
            return;
        }
        covered = written;
        ArrayDeque<Cover> covers = unanswered == null ? new ArrayDeque<>(1) : unanswered;
        unanswered = covers;
        if (covers.size() == MOST_PINGS) {
            covers.removeLast();
        }
        covers.addLast(new Cover(ping, written));
    }

    void answer(long ping, long now) {
        answeredNanos = now;
        ArrayDeque<Cover> covers = unanswered;
        if (covers == null) {
            return;
        }
        for (Cover first = covers.peekFirst(); first != null && first.ping() <= ping; first = covers.peekFirst()) {
            confirmed = first.messages();
            covers.removeFirst();
        }
        if (covers.isEmpty()) {
            unanswered = null;
        }
    }

    /**
     * Returns when a ping is due that nothing but a confirmation asks for: so long after the message that wants one, and not before the
     * last pong; {@link Engine#NO_DEADLINE} when none is wanted that no ping on its way asks for.
     */
    long dueNanos(long afterNanos) {
        return wantedNanos == Engine.NO_DEADLINE
                ? Engine.NO_DEADLINE
                : Nanos.later(wantedNanos + afterNanos, answeredNanos);
    }

    long written() {
        return written;
    }

    long confirmed() {
        return confirmed;
    }
}
