package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallbacksTest {
    private final List<String> ran = new ArrayList<>();

    @Test
    void runsAtOnceWithoutAnExecutor() {
        callbacks(null).run(() -> ran.add("now"));

        assertThat(ran).containsExactly("now");
    }

    @Test
    void runsWhatACallbackLeadsToAfterIt() {
        Callbacks callbacks = callbacks(null);
        callbacks.run(() -> {
            callbacks.run(() -> ran.add("inner"));
            ran.add("outer");
        });

        assertThat(ran).containsExactly("outer", "inner");
    }

    @Test
    void runsNothingInsideADirectCallback() {
        Callbacks callbacks = callbacks(null);
        assertThat(callbacks.isDirect()).isTrue();
        callbacks.beginDirect();
        callbacks.run(() -> ran.add("after"));

        assertThat(callbacks.isDirect()).isFalse();
        assertThat(ran).isEmpty();
        callbacks.endDirect();
        assertThat(ran).containsExactly("after");
        assertThat(callbacks.isDirect()).isTrue();
    }

    @Test
    void givesAnExecutorOneTaskAtATime() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        Callbacks callbacks = callbacks(tasks::add);
        callbacks.run(() -> ran.add("1"));
        callbacks.run(() -> ran.add("2"));

        assertThat(callbacks.isDirect()).isFalse();
        assertThat(tasks).hasSize(1);
        tasks.remove().run();
        assertThat(ran).containsExactly("1", "2");
        callbacks.run(() -> ran.add("3"));
        assertThat(tasks).hasSize(1);
    }

    @Test
    void runsOnTheCallerWhenTheExecutorRefuses() {
        Callbacks callbacks = callbacks(task -> {
            throw new RejectedExecutionException("shut down");
        });
        callbacks.run(() -> ran.add("1"));
        callbacks.run(() -> ran.add("2"));

        assertThat(ran).containsExactly("1", "2");
    }

    @Test
    void runsOnTheCallerWhenTheExecutorFailsWithAnError() {
        Callbacks callbacks = callbacks(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        callbacks.run(() -> ran.add("1"));
        callbacks.run(() -> ran.add("2"));

        assertThat(ran).containsExactly("1", "2");
        assertThat(callbacks.isDirect()).isTrue();
    }

    private static Callbacks callbacks(@Nullable Executor executor) {
        return new Callbacks() {
            private boolean isGivenUp;

            @Override
            @Nullable Executor executor() {
                return isGivenUp ? null : executor;
            }

            @Override
            void giveExecutorUp() {
                isGivenUp = true;
            }
        };
    }
}
