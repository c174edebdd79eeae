package io.everwire.transport;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the callbacks of one session one after the other, in order: on the event loop at once, or on the application's executor.
 *
 * <p><b>Thread safety.</b> {@link #run} is called on the event loop only. A callback that leads to another one never runs it
 * inside itself.
 */
final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

    private volatile @Nullable Executor executor;
    /** Then one thread does everything, and needs no lock. */
    private final boolean isOfLoop;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean isRunning;

    Callbacks(@Nullable Executor executor) {
        this.executor = executor;
        isOfLoop = executor == null;
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
        if (isOfLoop && waiting.isEmpty()) {
            isRunning = false;
        } else {
            drain();
        }
    }

    void run(Runnable callback) {
        lock.lock();
        try {
            waiting.addLast(callback);
            if (isRunning) {
                return;
            }
            isRunning = true;
        } finally {
            lock.unlock();
        }
        Executor application = executor;
        if (application == null) {
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

    private void drain() {
        for (Runnable next = take(); next != null; next = take()) {
            next.run();
        }
    }

    private @Nullable Runnable take() {
        lock.lock();
        try {
            Runnable next = waiting.pollFirst();
            isRunning = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }
}
