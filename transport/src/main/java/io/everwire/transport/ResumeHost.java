package io.everwire.transport;

import io.everwire.SessionLoss;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.ResumeOutput;
import org.jspecify.annotations.Nullable;

/** What a session does with what its engine says. */
interface ResumeHost {
    /** Whether queued messages are taken into the session while it has no connection. */
    boolean admitsWhileSuspended();

    void handleBegun(ResumeOutput.Begun begun);

    void handleResumed(ResumeOutput.Resumed resumed);

    /** The session is lost; its sends are settled. */
    void handleLost(SessionLoss loss);

    void handleEnded(ResumeOutput.Ended ended);

    void handleMoved(ResumeOutput.Moved moved);

    void handleStoreWrite(ResumeOutput.StoreWrite write);

    /** Close this connection, which is not the session's any more. */
    void handleDrop(ResumeOutput.Drop drop, @Nullable Connection connection);

    /** The hello of a connection, before the engine says what it means; for what is of no concern to the engine. */
    void handleHello(Control.Hello hello);

    /** Takes the first message of a connection that awaits its hello; returns false when it speaks no everwire.v1. */
    boolean handleFirst(Connection connection, @Nullable Control first);

    /** Whether this connection awaits its hello. */
    boolean awaitsHello(Connection connection);

    /** Time has come; the engine was told already. */
    void handleDeadline(long now);
}
