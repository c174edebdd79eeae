package io.everwire.transport;

import io.everwire.Handshake;
import io.everwire.LivenessReport;
import io.everwire.SessionEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a session has from when it is asked for, or when something out of the ordinary happens: most sessions of a server never need it.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
final class Extras {
    private volatile @Nullable ConcurrentMap<String, Object> attributes;
    private @Nullable CompletableFuture<SessionEvent.Closed> closed;
    private @Nullable FlightRecorder recorder;
    private volatile @Nullable LivenessReport lastReport;
    private volatile @Nullable Handshake lastHandshake;
    private volatile boolean isExecutorGivenUp;

    ConcurrentMap<String, Object> attributes() {
        ConcurrentMap<String, Object> map = attributes;
        return map == null ? makeAttributes() : map;
    }

    private synchronized ConcurrentMap<String, Object> makeAttributes() {
        ConcurrentMap<String, Object> map = attributes;
        if (map == null) {
            map = new ConcurrentHashMap<>();
            attributes = map;
        }
        return map;
    }

    synchronized CompletableFuture<SessionEvent.Closed> closed() {
        CompletableFuture<SessionEvent.Closed> end = closed;
        if (end == null) {
            end = new CompletableFuture<>();
            closed = end;
        }
        return end;
    }

    /** Returns the recorder; a new one is told first how the session began. */
    synchronized FlightRecorder recorder(Consumer<FlightRecorder> beginning) {
        FlightRecorder kept = recorder;
        if (kept == null) {
            kept = new FlightRecorder();
            beginning.accept(kept);
            recorder = kept;
        }
        return kept;
    }

    synchronized boolean hasRecorder() {
        return recorder != null;
    }

    boolean isExecutorGivenUp() {
        return isExecutorGivenUp;
    }

    void giveExecutorUp() {
        isExecutorGivenUp = true;
    }

    /** What was known of the peer when the last connection ended. */
    @Nullable LivenessReport lastReport() {
        return lastReport;
    }

    /** What was agreed on when the last connection was opened. */
    @Nullable Handshake lastHandshake() {
        return lastHandshake;
    }

    /** Keeps what was known of a connection that has ended. */
    void keep(LivenessReport report, Handshake handshake) {
        lastReport = report;
        lastHandshake = handshake;
    }
}
