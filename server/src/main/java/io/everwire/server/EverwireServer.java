package io.everwire.server;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.StartException;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ListeningPort;
import io.everwire.transport.ServerSession;
import io.everwire.transport.ServerUpgrade;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The entry point of a server: paths with handlers on one port.
 *
 * <p><b>Thread safety.</b> A started server may be used from any thread.
 */
public final class EverwireServer implements AutoCloseable {
    private static final CloseStatus GOING_AWAY = new CloseStatus(CloseCode.GOING_AWAY, "the server stops");

    private final Map<String, Route> routes;
    private final Limits limits;
    private final LivenessPolicy liveness;
    private final int maxConnections;
    private final EventLoops loops;
    private final boolean ownsLoops;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private volatile boolean isClosing;
    private @Nullable ListeningPort listening;

    private EverwireServer(Builder builder) {
        routes = Map.copyOf(builder.routes);
        limits = builder.limits;
        liveness = builder.liveness;
        maxConnections = builder.maxConnections;
        EventLoops given = builder.loops;
        ownsLoops = given == null;
        loops = given == null ? EventLoops.create(Runtime.getRuntime().availableProcessors()) : given;
    }

    /** Prepares a server on 127.0.0.1 and a free port. */
    public static Builder builder() {
        return new Builder();
    }

    private EverwireServer start(InetSocketAddress address) {
        try {
            listening = ListeningPort.open(address, loops, limits, this::judge);
            return this;
        } catch (StartException e) {
            if (ownsLoops) {
                loops.close();
            }
            throw e;
        }
    }

    /** Decides who may enter: known paths, up to the maximum of connections. */
    private ServerUpgrade.Answer judge(Handshake handshake, List<String> offered) {
        if (isClosing) {
            return ServerUpgrade.Answer.refuse(503, "the server stops");
        }
        Route route = routes.get(handshake.path());
        if (route == null) {
            return ServerUpgrade.Answer.refuse(404, "nothing is served on this path");
        }
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            return ServerUpgrade.Answer.refuse(503, "the server has its maximum of " + maxConnections + " connections");
        }
        ServerSession.Config config;
        try {
            config = route.config(handshake, limits, liveness);
        } catch (Throwable e) {
            connections.decrementAndGet();
            throw e;
        }
        return ServerUpgrade.Answer.accept(config, route.choose(offered), new ServerUpgrade.Entry() {
            @Override
            public void began(ServerSession session) {
                sessions.add(session);
                if (isClosing) {
                    session.close(GOING_AWAY);
                }
            }

            @Override
            public void ended(ServerSession session) {
                sessions.remove(session);
                connections.decrementAndGet();
            }
        });
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return address().getPort();
    }

    /** Returns the address that the server listens on. */
    public InetSocketAddress address() {
        ListeningPort port = listening;
        if (port == null) {
            throw new IllegalStateException("the server has not started");
        }
        return port.address();
    }

    /** Returns the sessions of this moment. */
    public Set<Session> sessions() {
        return Set.copyOf(sessions);
    }

    /**
     * Stops without blocking: accepts nobody any more, closes every session with 1001, and stops the event loops unless they
     * were given. See {@link #stopped()}.
     */
    @Override
    public void close() {
        ListeningPort port = listening;
        if (port == null || isClosing) {
            return;
        }
        isClosing = true;
        port.close().thenRun(() -> {
            List<CompletableFuture<?>> ends = new ArrayList<>();
            for (Session session : sessions) {
                session.close(GOING_AWAY);
                ends.add(session.closed().toCompletableFuture());
            }
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                    .orTimeout(limits.closeTimeout().plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((done, error) -> finish());
        });
    }

    private void finish() {
        if (ownsLoops) {
            loops.close();
            loops.terminated().thenRun(() -> stopped.complete(null));
        } else {
            stopped.complete(null);
        }
    }

    /** Returns a stage that completes when {@link #close} has closed every session and stopped the server's own threads. */
    public CompletionStage<Void> stopped() {
        return stopped.minimalCompletionStage();
    }

    /** Collects what a server is made of. Not thread-safe. */
    public static final class Builder {
        private final Map<String, Route> routes = new LinkedHashMap<>();
        private String host = "127.0.0.1";
        private int port;
        private Limits limits = Limits.DEFAULT;
        private LivenessPolicy liveness = LivenessPolicy.DEFAULT;
        private int maxConnections = Integer.MAX_VALUE;
        private @Nullable EventLoops loops;

        private Builder() {}

        /** Sets the address to listen on; default 127.0.0.1. */
        public Builder host(String name) {
            host = name;
            return this;
        }

        /**
         * Sets the port to listen on; default 0, which takes a free one.
         *
         * @throws IllegalArgumentException outside 0 to 65535
         */
        public Builder port(int number) {
            if (number < 0 || number > 65_535) {
                throw new IllegalArgumentException("port " + number + " is outside 0 to 65535");
            }
            port = number;
            return this;
        }

        /** Sets what each connection may cost; default {@link Limits#DEFAULT}. */
        public Builder limits(Limits other) {
            limits = other;
            return this;
        }

        /** Sets how each connection judges its peer; default {@link LivenessPolicy#DEFAULT}. */
        public Builder liveness(LivenessPolicy policy) {
            liveness = policy;
            return this;
        }

        /** Sets the most connections; more are refused with 503. Default: no limit. */
        public Builder maxConnections(int most) {
            if (most < 1) {
                throw new IllegalArgumentException("maxConnections is " + most + "; it must be at least 1");
            }
            maxConnections = most;
            return this;
        }

        /** Shares event loops, for example with clients; they are not closed with the server. Default: one thread per core. */
        public Builder eventLoops(EventLoops other) {
            loops = other;
            return this;
        }

        /** Serves a path: every session is told to the same listener, on its event loop. */
        public Builder listen(String path, SessionListener listener, String... subprotocols) {
            return listen(path, handshake -> listener, null, subprotocols);
        }

        /**
         * Serves a path with a listener for each session.
         *
         * @param path the exact path, beginning with {@code /}
         * @param listeners makes a session's listener; runs on the event loop; one that throws is answered with 500
         * @param executor where callbacks run; null for the event loop
         * @param subprotocols what this path speaks; the client's first choice among them is agreed on
         */
        public Builder listen(
                String path,
                Function<Handshake, SessionListener> listeners,
                @Nullable Executor executor,
                String... subprotocols) {
            return add(path, Route.listening(listeners, executor, List.of(subprotocols)));
        }

        /**
         * Serves a path in the blocking style.
         *
         * @param path the exact path, beginning with {@code /}
         * @param threads gives each session a thread of its own; virtual threads welcome
         * @param handler handles one session
         */
        public Builder handle(String path, Executor threads, SessionHandler handler, String... subprotocols) {
            return add(path, Route.blocking(handler, threads, List.of(subprotocols)));
        }

        private Builder add(String path, Route route) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("the path '" + path + "' must begin with /");
            }
            if (routes.putIfAbsent(path, route) != null) {
                throw new IllegalArgumentException("the path " + path + " is served already");
            }
            return this;
        }

        /**
         * Starts the server and returns when it listens.
         *
         * @throws StartException when the port cannot be listened on; the message says why
         * @throws IllegalArgumentException when no path is served
         */
        public EverwireServer start() {
            if (routes.isEmpty()) {
                throw new IllegalArgumentException("no path is served; add one with listen or handle");
            }
            return new EverwireServer(this).start(new InetSocketAddress(host, port));
        }
    }
}
