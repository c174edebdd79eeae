package io.everwire.session.resume;

import io.everwire.CloseStatus;
import io.everwire.SessionLoss;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the driver of a {@link ResumeEngine} has to do or to tell, in this order, before it writes DATA. */
public sealed interface ResumeOutput {
    /** Write this control message on the connection. */
    record Write(long connection, Control control) implements ResumeOutput {}

    /** Close the connection with this status; nothing from it counts any more. The session goes on unless told otherwise. */
    record Drop(long connection, CloseStatus status) implements ResumeOutput {}

    /** The connection is the session's: a new one's first. {@code onReady} runs. */
    record Begun(long connection, SessionId sid) implements ResumeOutput {}

    /** The connection continues the session. Nothing is to be prepared again. */
    record Resumed(long connection, SessionId sid, long replayedIn, long replayedOut) implements ResumeOutput {}

    /**
     * The session ended without the application's asking; the engine of a client begins a new one with the next hello. Settle what
     * was sent in it: up to {@code delivered} as confirmed, {@code unknown} more as unknown, the rest as not sent.
     */
    record Lost(SessionLoss loss) implements ResumeOutput {}

    /** The peer said {@code bye}: the session has ended in agreement. */
    record Ended(int code, String reason) implements ResumeOutput {}

    /** The server asks the client to come again on a new connection, after a wait drawn from the window. */
    record Moved(
            long afterMillis, long windowMillis, @Nullable String url) implements ResumeOutput {}

    /** Something to be done by the {@link SessionStore}; answer with {@link ServerResume#handleStored}. */
    sealed interface StoreWrite extends ResumeOutput {
        /** The epoch to be named. */
        long epoch();
    }

    /** Append these messages, numbered from {@code first}. */
    record Append(long epoch, long first, List<?> messages) implements StoreWrite {}

    /** Commit these positions. */
    record Commit(long epoch, long received, long acknowledged) implements StoreWrite {}

    /** Renew the session. */
    record Renew(long epoch) implements StoreWrite {}

    /**
     * End the session in the store. What follows from it comes when the store has answered.
     *
     * @param tombstone what a client that comes back is told to have been received; {@link #NO_TOMBSTONE} to leave none
     */
    record End(long epoch, SessionLoss loss, long tombstone) implements StoreWrite {
        /** Nothing is to be known of the session any more. */
        public static final long NO_TOMBSTONE = -1;
    }
}
