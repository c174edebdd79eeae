package io.everwire.verification.conversation;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** How long a test waits for what must happen: far longer than it takes, so that only a failure is slow. */
public final class Patience {
    static final long SECONDS = 20;
    static final Duration LIMIT = Duration.ofSeconds(SECONDS);

    private Patience() {}

    /** Waits until the condition holds. */
    public static void until(String what, Callable<Boolean> condition) {
        until(what, LIMIT, condition);
    }

    /** Waits until the condition holds, for something that takes its time. */
    public static void until(String what, Duration limit, Callable<Boolean> condition) {
        Awaitility.await(what)
                .pollInterval(Duration.ofMillis(10))
                .pollDelay(Duration.ZERO)
                .atMost(limit)
                .until(condition);
    }

    /** Waits for what a stage completes with. */
    public static <T> T of(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("the test was interrupted", e);
        } catch (TimeoutException e) {
            throw new AssertionError("a stage did not complete within " + SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }
}
