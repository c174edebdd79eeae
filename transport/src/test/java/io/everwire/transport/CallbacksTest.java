package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class CallbacksTest {
    private final List<String> ran = new ArrayList<>();

    @Test
    void runsAtOnceWithoutAnExecutor() {
        new Callbacks(null).run(() -> ran.add("now"));

        assertThat(ran).containsExactly("now");
    }

    @Test
    void runsWhatACallbackLeadsToAfterIt() {
        Callbacks callbacks = new Callbacks(null);
        callbacks.run(() -> {
            callbacks.run(() -> ran.add("inner"));
            ran.add("outer");
        });

        assertThat(ran).containsExactly("outer", "inner");
    }

    @Test
    void runsNothingInsideADirectCallback() {
        Callbacks callbacks = new Callbacks(null);
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
        Callbacks callbacks = new Callbacks(tasks::add);
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
        Callbacks callbacks = new Callbacks(task -> {
            throw new RejectedExecutionException("shut down");
        });
        callbacks.run(() -> ran.add("1"));
        callbacks.run(() -> ran.add("2"));

        assertThat(ran).containsExactly("1", "2");
    }

    @Test
    void runsOnTheCallerWhenTheExecutorFailsWithAnError() {
        Callbacks callbacks = new Callbacks(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        callbacks.run(() -> ran.add("1"));
        callbacks.run(() -> ran.add("2"));

        assertThat(ran).containsExactly("1", "2");
        assertThat(callbacks.isDirect()).isTrue();
    }
}
