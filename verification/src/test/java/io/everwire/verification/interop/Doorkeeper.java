package io.everwire.verification.interop;

import io.everwire.SessionEvent.Ready;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RecordingListener;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Gives each connection of our server a listener of its own, and hands them out in order. */
final class Doorkeeper {
    private final BlockingQueue<RecordingListener> arrivals = new LinkedBlockingQueue<>();

    RecordingListener next() {
        RecordingListener listener = new RecordingListener();
        arrivals.add(listener);
        return listener;
    }

    /** Tells whether nobody has come. */
    boolean isEmpty() {
        return arrivals.isEmpty();
    }

    /** Waits for the next connection. */
    RecordingListener arrival() throws InterruptedException {
        RecordingListener listener = arrivals.poll(Patience.SECONDS, TimeUnit.SECONDS);
        if (listener == null) {
            throw new AssertionError("nobody has come within " + Patience.LIMIT);
        }
        listener.await(Ready.class);
        return listener;
    }
}
