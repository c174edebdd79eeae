package io.everwire.transport;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the callbacks of one session one after the other, in order: on the event loop at once, or on the application's executor. Its
 * monitor is held for a few instructions and never while a callback runs.
 *
 * <p>A superclass of every session and not a part of it, because there are many sessions.
 *
 * <p><b>Thread safety.</b> {@link #run} is called on the event loop, and on any thread when that has ended. A callback that leads to another one never runs it
 * inside itself.
 */
abstract class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

    /** Null while none waits. */
    private @Nullable ArrayDeque<Runnable> waiting;

    private boolean isRunning;

    /** Returns where the application wants its callbacks to run; null for the event loop, and after {@link #giveExecutorUp}. */
    abstract @Nullable Executor executor();

    /** The executor has refused a callback: the session's callbacks run on the event loop from now on. */
    abstract void giveExecutorUp();

    /** Tells whether a callback would run at once, on the calling event loop. */
    final boolean isDirect() {
        return !isRunning && executor() == null;
    }

    /** Marks a direct callback as begun, so that others wait for it; ended by {@link #endDirect}. */
    final void beginDirect() {
        isRunning = true;
    }

    final void endDirect() {
        if (waiting == null) {
            isRunning = false;
        } else {
            drain();
        }
    }

    final void run(Runnable callback) {
        Executor application = executor();
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
            try {
                giveExecutorUp();
            } finally {
                drain();
            }
        }
    }

    private void drain() {
        for (Runnable next = take(); next != null; next = take()) {
            next.run();
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

    private synchronized @Nullable Runnable take() {
        Runnable next = waiting == null ? null : waiting.pollFirst();
        isRunning = next != null;
        if (next == null && executor() == null) {
            waiting = null;
        }
        return next;
    }
}
