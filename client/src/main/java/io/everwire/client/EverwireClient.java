package io.everwire.client;

import io.everwire.CompressionPolicy;
import io.everwire.ConnectRequest;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.ReconnectPolicy;
import io.everwire.RequestSupplier;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.transport.ClientSession;
import io.everwire.transport.ClientTls;
import io.everwire.transport.EventLoops;
import io.everwire.transport.HostShare;
import io.everwire.transport.ProxySelection;
import io.everwire.transport.Wire;
import java.net.CookieHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The entry point of a client. {@link #to} gives a builder; {@link Builder#listen} or {@link Builder#open} starts a session, which
 * notices a dead peer and comes back by itself until it is closed.
 *
 * <p>The first connection is attempted exactly like every other: both methods return at once, and messages sent meanwhile wait in
 * the session's queue.
 */
public final class EverwireClient {
    private EverwireClient() {}

    /**
     * Prepares a session with a server.
     *
     * @param url an absolute {@code ws://} or {@code wss://} URL
     * @throws IllegalArgumentException when it cannot be dialed; the message says why
     */
    public static Builder to(String url) {
        return to(ConnectRequest.to(url));
    }

    /** Prepares a session whose every attempt asks the same. */
    public static Builder to(ConnectRequest request) {
        return new Builder(request, attempt -> CompletableFuture.completedFuture(request));
    }

    /**
     * Prepares a session whose attempts ask a supplier: for credentials that expire, or hosts that move.
     *
     * @param home the request that names the host whose budget the session shares; used for nothing else
     * @param supplier called before the first probe of an outage and again after a failed upgrade
     */
    public static Builder to(ConnectRequest home, RequestSupplier supplier) {
        return new Builder(home, supplier);
    }

    /** Collects what a session is made of. Not thread-safe; may be used for several sessions. */
    public static final class Builder {
        private final RequestSupplier supplier;
        private ReconnectPolicy reconnect = ReconnectPolicy.DEFAULT;
        private LivenessPolicy liveness = LivenessPolicy.DEFAULT;
        private Limits limits = Limits.DEFAULT;
        private @Nullable Executor executor;
        private @Nullable EventLoops loops;
        private @Nullable ClientTls tls;
        private ProxySelection proxies = ProxySelection.direct();
        private @Nullable CookieHandler cookies;
        private @Nullable ResumePolicy resume;
        private HostShare share;
        private @Nullable CompressionPolicy compression;

        private Builder(ConnectRequest home, RequestSupplier supplier) {
            this.supplier = supplier;
            share = HostShare.of(home.uri().getHost(), home.port());
        }

        /** Sets how the session comes back; default {@link ReconnectPolicy#DEFAULT}. */
        public Builder reconnect(ReconnectPolicy policy) {
            reconnect = policy;
            return this;
        }

        /** Sets how the session judges its peer; default {@link LivenessPolicy#DEFAULT}. */
        public Builder liveness(LivenessPolicy policy) {
            liveness = policy;
            return this;
        }

        /** Sets what the session may cost; default {@link Limits#DEFAULT}. */
        public Builder limits(Limits other) {
            limits = other;
            return this;
        }

        /** Runs callbacks on this executor, one after the other, instead of on the event loop. */
        public Builder executor(Executor other) {
            executor = other;
            return this;
        }

        /** Shares event loops, for example with a server; default {@link EventLoops#shared()}. */
        public Builder eventLoops(EventLoops other) {
            loops = other;
            return this;
        }

        /**
         * Sets whom {@code wss} connections trust and who the client is to them; default {@link ClientTls#trustingTheJdk()}. Give the
         * same object to all sessions to a server, so that TLS sessions are resumed.
         */
        public Builder tls(ClientTls other) {
            tls = other;
            return this;
        }

        /** Sets which connections go through which proxy; default {@link ProxySelection#direct()}. */
        public Builder proxy(ProxySelection other) {
            proxies = other;
            return this;
        }

        /**
         * Keeps cookies (RFC 6265), for example in a {@link java.net.CookieManager}: each upgrade sends those that belong to its URL, with
         * {@code ws} as http and {@code wss} as https, after every redirect too; the {@code Set-Cookie} headers of each answer are stored.
         * Called on the event loop, so it must not block. When {@code get} throws, the attempt has failed. Default none.
         */
        public Builder cookies(CookieHandler other) {
            cookies = other;
            return this;
        }

        /**
         * Sets what all sessions of this JVM to the same host and port, with the same two numbers, may ask of it together, as token buckets
         * that start full. The defaults spare a server; a gateway or a load test with thousands of sessions in one process needs more.
         *
         * @param upgrades upgrade requests a second, at least 1; default 20
         * @param probes TCP connects a second, at least 1; default 200
         * @throws IllegalArgumentException when one of them is below 1
         */
        public Builder hostBudget(int upgrades, int probes) {
            share = new HostShare(share.host(), share.port(), upgrades, probes);
            return this;
        }

        /** Keeps sessions over lost connections with servers that do, by {@link ResumePolicy#DEFAULT}. */
        public Builder sessions() {
            return sessions(ResumePolicy.DEFAULT);
        }

        /**
         * Keeps sessions over lost connections with servers that do ({@code everwire.v1}): nothing is lost, doubled or reordered while
         * a session lasts, and where one is lost both ends are told. Other servers are talked to as without. Default: off.
         */
        public Builder sessions(ResumePolicy policy) {
            resume = policy;
            return this;
        }

        /** Offers permessage-deflate (RFC 7692) to servers, by {@link CompressionPolicy#DEFAULT}. */
        public Builder compression() {
            return compression(CompressionPolicy.DEFAULT);
        }

        /**
         * Offers permessage-deflate (RFC 7692) to servers; with one that does not accept it messages go as they are. Default: off, because
         * compression costs CPU, and what is compressed beside a secret can betray it; see {@link CompressionPolicy}.
         */
        public Builder compression(CompressionPolicy policy) {
            compression = policy;
            return this;
        }

        /**
         * Starts a session that pushes messages and events to a listener.
         *
         * @return the session, in state IDLE or CONNECTING
         * @throws io.everwire.StartException when {@link #tls} was not set and what the JDK trusts cannot be read
         */
        public Session listen(SessionListener listener) {
            return start(listener, false);
        }

        /** Starts a session that is read with {@code receive} or {@code for (Message message : session)}. */
        public Session open() {
            return open(new SessionListener() {});
        }

        /**
         * Starts a session that is read with {@code receive}, and whose listener is told everything but messages: {@code onReady} to
         * log in on every epoch, and events.
         */
        public Session open(SessionListener listener) {
            return start(listener, true);
        }

        private Session start(SessionListener listener, boolean isPulled) {
            // Before the first redirect to wss asks for it, for an event loop must not read files.
            ClientTls trusted = tls == null ? ClientTls.trustingTheJdk() : tls;
            return ClientSession.start(new ClientSession.Config(
                    supplier,
                    share,
                    reconnect,
                    liveness,
                    limits,
                    listener,
                    isPulled,
                    executor,
                    loops == null ? EventLoops.shared() : loops,
                    new Wire(trusted, proxies, cookies, compression),
                    resume));
        }
    }
}
