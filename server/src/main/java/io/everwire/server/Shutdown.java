package io.everwire.server;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Session;
import io.everwire.transport.Drain;
import io.everwire.transport.Entrance;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ListeningPort;
import io.everwire.transport.ServerSession;
import io.everwire.transport.SessionHouse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a server stops: nobody new, then the connections, then what is kept of their sessions, and last the event loops.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
final class Shutdown {
    static final CloseStatus GOING_AWAY = new CloseStatus(CloseCode.GOING_AWAY, "the server stops");

    private static final Duration LONGEST_WINDOW = Duration.ofDays(366);
    private static final Duration LONGEST_MOVE = Duration.ofDays(24);
    private static final CloseStatus RESTARTING = new CloseStatus(CloseCode.SERVICE_RESTART, "the server restarts");
    private static final Logger LOG = LoggerFactory.getLogger(EverwireServer.class);

    private final Registry registry;
    private final Entrance entrance;
    private final @Nullable SessionHouse house;
    private final List<ListeningPort> ports;
    private final Duration closeTimeout;
    private final EventLoops loops;
    private final boolean ownsLoops;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final AtomicBoolean isClosing = new AtomicBoolean();
    private final AtomicBoolean isDraining = new AtomicBoolean();

    /** Makes event loops, which it closes, unless some are given. */
    Shutdown(
            Registry registry,
            Entrance entrance,
            @Nullable SessionHouse house,
            List<ListeningPort> ports,
            Duration closeTimeout,
            @Nullable EventLoops given) {
        this.registry = registry;
        this.entrance = entrance;
        this.house = house;
        this.ports = ports;
        this.closeTimeout = closeTimeout;
        ownsLoops = given == null;
        loops = given == null ? EventLoops.create(Runtime.getRuntime().availableProcessors()) : given;
    }

    EventLoops loops() {
        return loops;
    }

    Set<Session> sessions() {
        return Set.copyOf(registry.sessions());
    }

    CompletionStage<Void> stopped() {
        return stopped.minimalCompletionStage();
    }

    /** Undoes a start that has failed. */
    void abandon() {
        isClosing.set(true);
        registry.close(GOING_AWAY);
        entrance.stop();
        ports.forEach(port -> port.close().toCompletableFuture().join());
        // Not Session.close: what a store keeps for whoever starts next must not be ended by a port that is taken.
        Drain.begin(registry.sessions(), GOING_AWAY, Duration.ZERO, null, closeTimeout, loops);
        retire(GOING_AWAY).toCompletableFuture().join();
        if (ownsLoops) {
            loops.close();
        }
    }

    /** Asks the clients of sessions that can be resumed to move. */
    void move(Duration window, @Nullable String url) {
        checkMove(window, url);
        for (Session session : registry.sessions()) {
            if (session instanceof ServerSession resumable) {
                resumable.move(window, url);
            }
        }
    }

    private static void checkMove(Duration window, @Nullable String url) {
        checkWindow(window, LONGEST_MOVE, "24 days");
        boolean isUrl =
                url == null || url.regionMatches(true, 0, "ws://", 0, 5) || url.regionMatches(true, 0, "wss://", 0, 6);
        if (!isUrl) {
            throw new IllegalArgumentException("the URL " + url + " does not begin with ws:// or wss://");
        }
        ServerSession.checkMove(window, url);
    }

    private static void checkWindow(Duration window, Duration longest, String name) {
        if (window.isNegative()) {
            throw new IllegalArgumentException("the window " + window + " is negative; use zero to close at once");
        }
        if (window.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "the window " + window + " is longer than " + name + "; use a shorter one");
        }
    }

    void drain(Duration window, @Nullable String url) {
        if (url == null) {
            checkWindow(window, LONGEST_WINDOW, "a year");
        } else {
            checkMove(window, url);
        }
        if (!isClosing.get() && isDraining.compareAndSet(false, true)) {
            registry.close(RESTARTING);
            entrance.drain(window);
            LOG.info("draining {} sessions over {}", registry.sessions().size(), window);
            Drain.begin(registry.sessions(), RESTARTING, window, url, closeTimeout, loops)
                    .thenRun(() -> stop(RESTARTING));
        }
    }

    void stop(CloseStatus status) {
        if (!isClosing.compareAndSet(false, true)) {
            return;
        }
        LOG.info("stopping with {} sessions", registry.sessions().size());
        registry.close(status);
        entrance.stop();
        List<CompletableFuture<?>> closing = new ArrayList<>();
        ports.forEach(port -> closing.add(port.close().toCompletableFuture()));
        CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new))
                .thenCompose(
                        closed -> Drain.begin(registry.sessions(), status, Duration.ZERO, null, closeTimeout, loops))
                .thenCompose(left -> retire(status))
                .whenComplete((done, error) -> finish());
    }

    private CompletionStage<Void> retire(CloseStatus status) {
        return house == null
                ? CompletableFuture.completedStage(null)
                : house.close(status, closeTimeout.plusSeconds(1));
    }

    private void finish() {
        if (ownsLoops) {
            loops.close();
            loops.terminated().thenRun(this::tellStopped);
        } else {
            tellStopped();
        }
    }

    private void tellStopped() {
        LOG.info("stopped");
        stopped.complete(null);
    }
}
