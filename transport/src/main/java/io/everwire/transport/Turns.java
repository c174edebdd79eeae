package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.SessionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a resumable session of a server beyond its beginning: it loses a connection, is asked to move, or ends. A session that
 * is carried by a connection and idle has none.
 *
 * <p><b>Thread safety.</b> The session's event loop only.
 */
final class Turns {
    /** Those who wait until the present connection is not the session's any more. */
    private List<CompletableFuture<Void>> leaving = List.of();

    /** The connection that another one has taken the session from, until the engine says so. */
    @Nullable Connection displaced;

    @Nullable CloseStatus closeAsked;

    @Nullable CloseStatus retiring;

    @Nullable CloseStatus byeHeard;

    /** When it lost its connection, or began here without one. */
    long lostNanos = RealClock.nanos();

    /** Whether messages wait until it is known who has claimed the session. */
    boolean isHolding;

    /** While this process's part ends: whether the callback that ran has returned, or was waited for long enough. */
    boolean isQuiet;

    boolean isWaitedFor;
    /** The connection whose client was asked to move. */
    @Nullable Connection moving;
    /** Until when its end may be the move that it was asked for. */
    long movingUntilNanos;
    /** The end of such a connection, while the store knows of a claim that has not come to here. */
    SessionEvent.@Nullable Suspended heldSuspended;

    Turns() {}

    void awaitLeft(CompletableFuture<Void> left) {
        List<CompletableFuture<Void>> more = new ArrayList<>(leaving);
        more.add(left);
        leaving = more;
    }

    void tellLeft() {
        List<CompletableFuture<Void>> told = leaving;
        leaving = List.of();
        told.forEach(left -> left.complete(null));
    }

    /** Tells whether nothing of it matters to a session that has a connection again. */
    boolean isOver() {
        return leaving.isEmpty()
                && displaced == null
                && closeAsked == null
                && retiring == null
                && byeHeard == null
                && !isHolding
                && moving == null
                && heldSuspended == null;
    }
}
