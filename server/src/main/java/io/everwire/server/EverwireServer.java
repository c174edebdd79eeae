package io.everwire.server;

import io.everwire.CompressionPolicy;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.StartException;
import io.everwire.StormPolicy;
import io.everwire.session.StormControl;
import io.everwire.session.resume.SessionStore;
import io.everwire.transport.Entrance;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ListeningPort;
import io.everwire.transport.OriginPolicy;
import io.everwire.transport.ServerTls;
import io.everwire.transport.SessionCounts;
import io.everwire.transport.SessionHouse;
import io.everwire.transport.SessionQuotas;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entry point of a server: paths with handlers, on one port or several.
 *
 * <p><b>Thread safety.</b> A started server may be used from any thread.
 */
public final class EverwireServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EverwireServer.class);

    private final Entrance entrance;
    /** Null when sessions end with their connections. */
    private final @Nullable SessionHouse house;

    private final List<ListeningPort> ports = new ArrayList<>();
    private final Shutdown shutdown;

    private EverwireServer(Builder builder) {
        Registry registry = new Registry();
        house = builder.house();
        entrance = new Entrance(
                builder.rules(),
                new Doorkeeper(
                        Map.copyOf(builder.routes),
                        builder.limits,
                        builder.liveness,
                        builder.compression,
                        builder.authenticator,
                        builder.choice,
                        registry),
                house);
        shutdown = new Shutdown(registry, entrance, house, ports, builder.limits.closeTimeout(), builder.loops);
    }

    /** Prepares a server on 127.0.0.1 and a free port. */
    public static Builder builder() {
        return new Builder();
    }

    private EverwireServer start(List<Binding> bindings, int backlog) {
        try {
            for (Binding binding : bindings) {
                ports.add(ListeningPort.open(
                        binding.host(), binding.port(), binding.tls(), backlog, shutdown.loops(), entrance));
            }
        } catch (RuntimeException e) {
            // All or nothing: who sees a server that did not start may start another one. An open port may have let
            // somebody in.
            shutdown.abandon();
            throw e;
        }
        if (house != null) {
            house.open(shutdown.loops());
        }
        LOG.info("listening on {}", addresses());
        return this;
    }

    /** Returns the port that the server listens on, the first of several. */
    public int port() {
        return address().getPort();
    }

    /** Returns the address that the server listens on, the first of several. */
    public InetSocketAddress address() {
        return ports.get(0).address();
    }

    /** Returns the addresses that the server listens on, in the order of {@link Builder#bind}. */
    public List<InetSocketAddress> addresses() {
        return ports.stream().map(ListeningPort::address).toList();
    }

    /** Returns the sessions of this moment, those that wait for their clients included. */
    public Set<Session> sessions() {
        return shutdown.sessions();
    }

    /** Returns what the resumable sessions take, and how many were refused; null without {@link Builder#sessions(ResumePolicy)}. */
    public @Nullable SessionCounts sessionCounts() {
        return house == null ? null : house.counts();
    }

    /** Returns how many connections there are, also those that are no sessions yet; what {@link Builder#maxConnections} limits. */
    public int connections() {
        return entrance.connections();
    }

    /** Returns what storm control has decided since the server started. */
    public StormControl.Counts stormCounts() {
        return entrance.stormCounts();
    }

    /**
     * Stops without blocking and without harm to clients: while the window lasts, newcomers are answered 503 with a {@code
     * Retry-After} beyond it, health checks are answered 503, and the sessions are closed with 1012 (service restart) one after the
     * other, in random order, each after what it has queued. Then, or as soon as there is no session, the server stops as by {@link
     * #close}, which also ends a drain at once. A second call changes nothing. What becomes of resumable sessions is told at {@link
     * #close}.
     *
     * @param window over which the clients are sent away, and will come back, at most a year; zero closes all of them at once
     * @return {@link #stopped()}
     * @throws IllegalArgumentException when the window is negative or longer than a year
     */
    public CompletionStage<Void> drain(Duration window) {
        shutdown.drain(window, null);
        return stopped();
    }

    /**
     * Stops as by {@link #drain(Duration)}, but asks the clients of resumable sessions to go on elsewhere, each at a moment of its own
     * within the first half of the window: they make their new connection before they leave this one, and nothing is suspended. The server that they go
     * to has to share the {@link SessionStore}, or their sessions are lost. Who is still here at the end of the window is closed with
     * 1012.
     *
     * @param window at most 24 days
     * @param url where to, {@code ws} or {@code wss}; at most 3,072 characters percent-encoded. A client takes it as it takes a redirect:
     *     never from {@code wss} to {@code ws}, and without its credentials when the origin is another
     * @return {@link #stopped()}
     * @throws IllegalArgumentException when the window is negative or longer than 24 days, or the URL is none
     */
    public CompletionStage<Void> drain(Duration window, String url) {
        shutdown.drain(window, url);
        return stopped();
    }

    /**
     * Asks the clients of all resumable sessions to make a new connection to where they are, each at a moment of its own within the
     * window, before they leave the present one: to spread them over nodes behind one address, or to let an old connection go. Nothing
     * is suspended and nothing lost. Other clients are left alone, and so are sessions that have no connection at this moment.
     *
     * @param window at most 24 days; zero moves all at once
     * @throws IllegalArgumentException when the window is negative or longer than 24 days
     */
    public void move(Duration window) {
        shutdown.move(window, null);
    }

    /**
     * Asks the clients of all resumable sessions to go on elsewhere; see {@link #move(Duration)} and {@link #drain(Duration, String)}.
     *
     * @param url where to; the server there has to share the {@link SessionStore}
     * @throws IllegalArgumentException when the window is negative or longer than 24 days, or the URL is none
     */
    public void move(Duration window, String url) {
        shutdown.move(window, url);
    }

    /**
     * Stops without blocking: accepts nobody any more, closes every connection with 1001, and stops the event loops unless they
     * were given. See {@link #stopped()}.
     *
     * <p>No resumable session is ended at its client. With a durable store it goes on when a server opens that store again; here it
     * ends {@code Closed}, and what was sent in it and not acknowledged is in doubt. With a store in memory it is lost, and the client
     * learns so from the next server.
     */
    @Override
    public void close() {
        shutdown.stop(Shutdown.GOING_AWAY);
    }

    /**
     * Returns a stage that completes when {@link #close} has closed every session, awaited what the store was asked for, and stopped
     * the server's own threads. A store that was given may be closed then.
     */
    public CompletionStage<Void> stopped() {
        return shutdown.stopped();
    }

    /** Collects what a server is made of. Not thread-safe. */
    public static final class Builder {
        private final Map<String, Route> routes = new LinkedHashMap<>();
        private final List<Binding> bindings = new ArrayList<>();
        private String host = "127.0.0.1";
        private int port;
        private boolean isSimple;
        private @Nullable ServerTls tls;
        private Limits limits = Limits.DEFAULT;
        private LivenessPolicy liveness = LivenessPolicy.DEFAULT;
        private OriginPolicy origins = OriginPolicy.sameHost();
        private @Nullable Authenticator authenticator;
        private @Nullable SubprotocolChoice choice;
        private List<String> trustedProxies = List.of();
        private int maxConnections = Integer.MAX_VALUE;
        private int maxConnectionsPerAddress = Integer.MAX_VALUE;
        private int maxHandshakes = Entrance.Rules.DEFAULT_HANDSHAKES;
        private @Nullable String healthPath = "/healthz";
        private StormPolicy storm = StormPolicy.DEFAULT;
        private int backlog = ListeningPort.DEFAULT_BACKLOG;
        private @Nullable EventLoops loops;
        private @Nullable CompressionPolicy compression;
        private @Nullable ResumePolicy resume;
        private @Nullable SessionStore store;
        private SessionQuotas quotas = SessionQuotas.DEFAULT;

        private Builder() {}

        /** Sets the address to listen on; default 127.0.0.1, unless {@link #bind} names others. */
        public Builder host(String name) {
            host = name;
            isSimple = true;
            return this;
        }

        /**
         * Sets the port to listen on; default 0, which takes a free one, unless {@link #bind} names others.
         *
         * @throws IllegalArgumentException outside 0 to 65535
         */
        public Builder port(int number) {
            port = Binding.requirePort(number);
            isSimple = true;
            return this;
        }

        /** Speaks TLS on the port of {@link #port}. Default: plain TCP. */
        public Builder tls(ServerTls certificate) {
            tls = certificate;
            isSimple = true;
            return this;
        }

        /**
         * Listens on one more address. The server starts on all of them or not at all.
         *
         * @param host a name or an address, an IPv6 one with or without brackets
         * @param port 0 takes a free one
         * @throws IllegalArgumentException when the port is outside 0 to 65535
         */
        public Builder bind(String host, int port) {
            bindings.add(new Binding(host, port, null));
            return this;
        }

        /** Listens on one more address and speaks TLS there; see {@link #bind(String, int)}. */
        public Builder bind(String host, int port, ServerTls certificate) {
            bindings.add(new Binding(host, port, certificate));
            return this;
        }

        /** Sets which web pages may connect; default {@link OriginPolicy#sameHost()}. */
        public Builder origins(OriginPolicy policy) {
            origins = policy;
            return this;
        }

        /** Sets who decides about credentials. Default: nobody, everyone is let in. */
        public Builder authenticate(Authenticator other) {
            authenticator = other;
            return this;
        }

        /**
         * Sets how subprotocols are chosen, on every path. Default: the client's first choice among those of the path. A client that
         * offers none, or only others, has a session without one.
         */
        public Builder subprotocols(SubprotocolChoice other) {
            choice = other;
            return this;
        }

        /**
         * Names the proxies in front of this server. While the other end of a TCP connection is one of them, its {@code Forwarded}
         * (RFC 7239), or else its {@code X-Forwarded-For} and {@code X-Forwarded-Proto}, are believed, from the nearest proxy to the
         * first address that is not named here: that is the handshake's remote address, and the one whose connections are counted.
         * What is malformed is not believed, nor are both kinds when they name different clients: let the nearest proxy remove the
         * kind that it does not write. Default: none. No name is ever looked up.
         *
         * @param blocks addresses, or blocks of them as in {@code 10.0.0.0/8}
         */
        public Builder trustedProxies(String... blocks) {
            trustedProxies = List.of(blocks);
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

        /** Agrees to permessage-deflate (RFC 7692). Default: off, for what it costs and may betray; see {@link CompressionPolicy}. */
        public Builder compression(CompressionPolicy policy) {
            compression = policy;
            return this;
        }

        /**
         * Sets the most connections, unfinished opening handshakes included; more are refused with 503. Default: no limit. Handshakes
         * that are slower than a second give up their places for newcomers.
         */
        public Builder maxConnections(int most) {
            maxConnections = Binding.requirePositive("maxConnections", most);
            return this;
        }

        /**
         * Sets the most connections of one client address; more are refused with 503. Of IPv6, 64 bits count as one address. Default:
         * no limit.
         */
        public Builder maxConnectionsPerAddress(int most) {
            maxConnectionsPerAddress = Binding.requirePositive("maxConnectionsPerAddress", most);
            return this;
        }

        /**
         * Sets the most connections that have not sent their whole request; default 16,384. When there are more, the oldest is hung up
         * on, unless its request has come and was not read yet: it is either slow or one of a flood, and a newcomer gets in however many
         * there are. Who waits for the authenticator does not count.
         */
        public Builder maxHandshakes(int most) {
            maxHandshakes = Binding.requirePositive("maxHandshakes", most);
            return this;
        }

        /**
         * Sets when clients that come all at once are told to come back, by 503 with {@code Retry-After}, and {@code Retry-After-Ms} to
         * the millisecond; default {@link StormPolicy#DEFAULT}.
         */
        public Builder storm(StormPolicy policy) {
            storm = policy;
            return this;
        }

        /**
         * Sets how many connections may wait in the kernel, on each port and for each event loop, until they are accepted; default 4,096.
         * The kernel has a limit of its own, {@code net.core.somaxconn} on Linux; what comes beyond it comes again a second later.
         */
        public Builder backlog(int most) {
            backlog = Binding.requirePositive("backlog", most);
            return this;
        }

        /**
         * Sets where plain GET and HEAD requests are answered with 200, and with 503 while the server drains; default {@code /healthz}.
         * They take no place among the connections.
         *
         * @param path null to answer nowhere
         */
        public Builder healthPath(@Nullable String path) {
            healthPath = path;
            return this;
        }

        /**
         * Lets clients that speak {@code everwire.v1} resume their sessions, which are kept in memory and end with the server. Default:
         * sessions end with their connections, as those of all other clients do.
         *
         * <p>In such a session a message whose listener throws is reported as {@code ListenerFailed}, counts as handled, and the
         * session goes on: a client would send it again for ever.
         */
        public Builder sessions(ResumePolicy policy) {
            resume = policy;
            store = null;
            return this;
        }

        /**
         * Lets clients resume their sessions; see {@link #sessions(ResumePolicy)}.
         *
         * @param kept where they are kept; not closed with the server: close it when {@link EverwireServer#stopped()} is complete
         */
        public Builder sessions(ResumePolicy policy, SessionStore kept) {
            resume = policy;
            store = kept;
            return this;
        }

        /** Sets what resumable sessions may take together; default {@link SessionQuotas#DEFAULT}. */
        public Builder sessionQuotas(SessionQuotas most) {
            quotas = most;
            return this;
        }

        private @Nullable SessionHouse house() {
            return resume == null
                    ? null
                    : new SessionHouse(resume, store == null ? SessionHouse.inMemory() : store, quotas, limits);
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
         * @param listeners makes a session's listener; runs on the event loop, after the client was let in; one that throws is
         *     answered with 500
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
         * @throws StartException when a port cannot be listened on; the message says which, and why
         * @throws IllegalArgumentException when no path is served, or a trusted proxy is no address
         */
        public EverwireServer start() {
            if (routes.isEmpty()) {
                throw new IllegalArgumentException("no path is served; add one with listen or handle");
            }
            List<Binding> all = new ArrayList<>();
            if (isSimple || bindings.isEmpty()) {
                all.add(new Binding(host, port, tls));
            }
            all.addAll(bindings);
            return new EverwireServer(this).start(all, backlog);
        }

        private Entrance.Rules rules() {
            return new Entrance.Rules(
                    limits,
                    origins,
                    trustedProxies,
                    maxConnections,
                    maxConnectionsPerAddress,
                    maxHandshakes,
                    healthPath,
                    storm,
                    compression);
        }
    }
}
