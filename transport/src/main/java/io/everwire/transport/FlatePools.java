package io.everwire.transport;

import io.everwire.protocol.FlatePool;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;

/**
 * The pool of deflaters and inflaters of one event loop, with the timer that frees what is idle. The timer runs while there is something
 * to free or a connection that may need it.
 *
 * <p><b>Thread safety.</b> Its event loop only.
 */
final class FlatePools {
    private static final int IDLE_SECONDS = 30;
    private static final FastThreadLocal<FlatePools> LOCAL = new FastThreadLocal<>() {
        @Override
        protected FlatePools initialValue() {
            return new FlatePools();
        }

        @Override
        protected void onRemoval(FlatePools ended) {
            ended.pool.close();
        }
    };

    private final FlatePool pool = new FlatePool();
    private int users;
    private boolean isSweeping;

    private FlatePools() {}

    /** Returns the calling event loop's. */
    static FlatePools ofThisLoop() {
        return LOCAL.get();
    }

    FlatePool pool() {
        return pool;
    }

    /** Notes a connection that compresses; {@link #leave} follows. */
    void enter(EventLoop loop) {
        users++;
        if (!isSweeping) {
            isSweeping = true;
            schedule(loop);
        }
    }

    void leave() {
        users--;
    }

    private void schedule(EventLoop loop) {
        loop.schedule(
                () -> {
                    isSweeping = pool.sweep() || users > 0;
                    if (isSweeping) {
                        schedule(loop);
                    }
                },
                IDLE_SECONDS,
                TimeUnit.SECONDS);
    }
}
