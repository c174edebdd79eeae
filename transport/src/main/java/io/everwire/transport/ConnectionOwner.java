package io.everwire.transport;

import io.everwire.LivenessReport;
import io.everwire.session.Liveness;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What a connection tells its session, always on the event loop. */
abstract class ConnectionOwner extends Callbacks {
    /** Takes a complete message; the receiver's payload is valid during the call. */
    abstract void handleMessage(Connection connection, boolean isText, ByteBuf payload);

    /** Is told that a read is over, before what it led to is written. */
    abstract void handleReadEnd(Connection connection);

    /** Returns the next message to be written, null when there is none. */
    abstract @Nullable Send pollSend(Connection connection);

    /** Takes back what was charged to the outbound queue: the kernel has it. */
    abstract void handleWritten(long bytes, int messages);

    /** Is told that a message was handed over completely, as the connection's {@code number}-th. */
    abstract void handleHanded(Send send);

    /** Is told that all messages up to this number are confirmed. */
    abstract void handleConfirmed(long number);

    /** Is told of a change in the judgement of the peer. */
    abstract void handleLiveness(Connection connection, Liveness.Action action, LivenessReport report);

    /** Is told of a verdict, just before the end. */
    abstract void handleDeath(Connection connection, Liveness.Death death);

    /** Is told the end, once. A message handed over in part only is put back first. */
    abstract void handleEnd(Connection connection, Connection.Ending ending);
}
