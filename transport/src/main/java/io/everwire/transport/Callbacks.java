package io.everwire.transport;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the callbacks of one session one after the other, in order: on the event loop at once, or on the application's executor. Its lock
 * is its monitor, held for a few instructions and never while a callback runs.
 *
 * <p><b>Thread safety.</b> {@link #run} is called on the event loop only. A callback that leads to another one never runs it
 * inside itself.
 */
final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

    private volatile @Nullable Executor executor;
    /** Null while none waits. */
    private @Nullable ArrayDeque<Runnable> waiting;

    private boolean isRunning;

    Callbacks(@Nullable Executor executor) {
        this.executor = executor;
    }

    /** Tells whether a callback would run at once, on the calling event loop. */
    boolean isDirect() {
        return executor == null && !isRunning;
    }

    /** Marks a direct callback as begun, so that others wait for it; ended by {@link #endDirect}. */
    void beginDirect() {
        isRunning = true;
    }

    void endDirect() {
        drain();
    }

    void run(Runnable callback) {
        Executor application = executor;
        synchronized (this) {
            if (isRunning || application != null) {
                enqueue(callback);
            }
            if (isRunning) {
                return;
            }
            isRunning = true;
        }
        if (application == null) {
            callback.run();
            drain();
            return;
        }
        try {
            application.execute(this::drain);
        } catch (Throwable e) {
            // Also what is no refusal, for example no memory for a thread: without callbacks the session could not even
            // end.
            LOG.error("the application's executor refuses callbacks; they run on the event loop from now on", e);
            executor = null;
            drain();
        }
    }

    private void enqueue(Runnable callback) {
        ArrayDeque<Runnable> queue = waiting;
        if (queue == null) {
            queue = new ArrayDeque<>(1);
            waiting = queue;
        }
        queue.addLast(callback);
    }

    private void drain() {
        for (Runnable next = take(); next != null; next = take()) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable take() {
        Runnable next = waiting == null ? null : waiting.pollFirst();
        if (next == null) {
            waiting = null;
        }
        isRunning = next != null;
        return next;
    }
}
