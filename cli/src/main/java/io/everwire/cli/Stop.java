package io.everwire.cli;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The wish that a command ends: SIGINT, SIGTERM, or a test. Any thread. */
final class Stop {
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final CompletableFuture<Void> askedAgain = new CompletableFuture<>();
    private final boolean isOfProcess;

    /** The wish of whoever holds it. */
    Stop() {
        this(false);
    }

    private Stop(boolean isOfProcess) {
        this.isOfProcess = isOfProcess;
    }

    /** The wish of whoever sends this process a signal. */
    static Stop ofThisProcess() {
        return new Stop(true);
    }

    /** Asks the command to end; the second time it is to end at once. */
    void ask() {
        if (!asked.complete(null)) {
            askedAgain.complete(null);
        }
    }

    /** Runs the action once the stop was asked for twice. */
    void whenAskedAgain(Runnable action) {
        askedAgain.thenRun(action);
    }

    /**
     * Takes signals from the JVM, which hears only the first one and gives little time after it. For a command that watches this wish
     * all the time.
     */
    void hearSignals() {
        if (isOfProcess) {
            hear("INT");
            hear("TERM");
        }
    }

    /** By reflection: the compiler warns of this package, which has no successor, and a JVM without it stops as before. */
    private void hear(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object asking = Proxy.newProxyInstance(
                    Stop.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "handle" -> ask();
                            case "equals" -> {
                                return arguments != null && isSame(proxy, arguments[0]);
                            }
                            case "hashCode" -> {
                                return System.identityHashCode(proxy);
                            }
                            default -> {
                                return "asks to stop";
                            }
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), asking);
        } catch (ReflectiveOperationException e) {
            // The shutdown hook asks then, and gives the command its six seconds.
        }
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

    @SuppressWarnings("ReferenceEquality") // A proxy has no value but itself; its equals would come here again.
    private static boolean isSame(Object proxy, Object other) {
        return proxy == other;
    }
}
