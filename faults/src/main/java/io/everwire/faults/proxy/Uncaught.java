package io.everwire.faults.proxy;

import io.netty.util.concurrent.Future;
import java.io.Closeable;
import java.io.IOException;

/** Where failures go that nobody waits for: to the thread's uncaught exception handler, instead of nowhere. */
final class Uncaught {

    private Uncaught() {}

    static void report(Throwable failure) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }

    static void close(Closeable channel) {
        try {
            channel.close();
        } catch (IOException failure) {
            report(failure);
        }
    }

    /** Reports the failure of something nobody waits for; that it was cancelled is none. */
    static void watch(Future<?> future) {
        future.addListener(done -> {
            if (!done.isSuccess() && !done.isCancelled()) {
                report(done.cause());
            }
        });
    }
}
