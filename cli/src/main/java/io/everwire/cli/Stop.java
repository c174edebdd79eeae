package io.everwire.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The wish that a command ends: SIGINT, SIGTERM, or a test. Any thread. */
final class Stop {
    private final CompletableFuture<Void> asked = new CompletableFuture<>();

    /** Asks the command to end; only the first call counts. */
    void ask() {
        asked.complete(null);
    }

    boolean isAsked() {
        return asked.isDone();
    }

    /** Runs the action once the stop is asked for, at once when it already was. */
    void whenAsked(Runnable action) {
        asked.thenRun(action);
    }

    /** Waits until the stop is asked for. */
    void await() throws InterruptedException {
        while (!await(Duration.ofDays(1))) {
            // A day is only the longest single wait.
        }
    }

    /** Waits until the stop is asked for, or the time is over; returns whether it was asked for. */
    boolean await(Duration limit) throws InterruptedException {
        try {
            asked.get(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("the wish to stop never fails", e);
        }
    }
}
