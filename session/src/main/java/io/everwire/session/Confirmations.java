package io.everwire.session;

/**
 * Which messages a pong proves to have been read by the peer's endpoint. WebSocket is ordered, so a pong confirms every message
 * whose last byte was written before its ping.
 *
 * <p>Two pings are remembered, however many are unanswered: the oldest and the newest. A pong between them confirms what the
 * oldest covers, which is less than it could and never too much.
 */
final class Confirmations {
    private static final long NONE = 0;

    private long written;
    private long confirmed;

    /** The messages written before the newest ping was handed out. */
    private long covered;

    private long oldestPing = NONE;
    private long oldestCovers;
    private long newestPing = NONE;
    private long newestCovers;

    /** When the first message was written that wants a confirmation and precedes no ping. */
    private long wantedNanos = Engine.NO_DEADLINE;

    Confirmations() {}

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
        newestPing = ping;
        newestCovers = written;
        if (oldestPing == NONE) {
            oldestPing = ping;
            oldestCovers = written;
        }
    }

    void answer(long ping) {
        if (newestPing != NONE && ping >= newestPing) {
            confirmed = newestCovers;
            oldestPing = NONE;
            newestPing = NONE;
        } else if (oldestPing != NONE && ping >= oldestPing) {
            confirmed = oldestCovers;
            oldestPing = newestPing;
            oldestCovers = newestCovers;
        }
    }

    /** Returns since when a confirmation is wanted and no ping on its way asks for it, or {@link Engine#NO_DEADLINE}. */
    long wantedNanos() {
        return wantedNanos;
    }

    long written() {
        return written;
    }

    long confirmed() {
        return confirmed;
    }
}
