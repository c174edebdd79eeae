package io.everwire.transport;

import io.everwire.session.resume.ServerResume;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** A session that lives in this process, with or without a connection. */
final class Lodger {
    /** Touched on the loop only. */
    final ServerResume<Send> engine;

    /** The session's home, which every connection of it is brought to. */
    final EventLoop loop;

    final String principal;

    /** Whether another process, or an earlier life of this one, has begun it. */
    final boolean isRestored;

    /** What the application knows of it; made and read on the loop, null before its first connection has arrived there. */
    @Nullable ServerSession session;

    Lodger(ServerResume<Send> engine, EventLoop loop, String principal, boolean isRestored) {
        this.engine = engine;
        this.loop = loop;
        this.principal = principal;
        this.isRestored = isRestored;
    }
}
