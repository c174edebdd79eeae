package io.everwire.transport;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.session.Redirect;
import io.everwire.session.UpgradeStep;
import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Dials for a client's session: probes and upgrades, by the numbers that the reconnect engine gives them, with the request that was
 * supplied last.
 *
 * <p><b>Thread safety.</b> The session's event loop only.
 */
final class Dialer {
    private final ClientSession session;
    private final Wire wire;
    private final Cookies cookies;
    private final Resolver resolver;
    private final Outcome outcome;
    private final Map<Long, Probe> probes = new HashMap<>();
    private @Nullable ConnectRequest request;
    /** What the server that put us off last has given us. */
    private @Nullable Ticket ticket;

    private int redirects;

    /** What comes of dialing, told with the number that it was asked for under. */
    interface Outcome {
        void connected(long number);

        void probeFailed(long number, Failure failure);

        void reached(long number, UpgradeStep step);

        /** Returns the subprotocols to be offered; asked for once, when the request is written. */
        List<String> subprotocols(ConnectRequest request);

        /** Returns the channel's new handler, null when nobody wants the connection any more. */
        @Nullable Connection upgraded(long number, Channel channel, Handshake handshake);

        void upgradeFailed(long number, Failure failure);

        /** The next probe asks where the server has redirected this one to. */
        void redirected(long number);
    }

    Dialer(ClientSession session, Wire wire, Outcome outcome) {
        this.session = session;
        this.wire = wire;
        this.outcome = outcome;
        cookies = new Cookies(wire.cookies());
        resolver = new Resolver(session.terms.loops, session.loop());
    }

    /** Takes what is to be asked for from now on. */
    void use(ConnectRequest supplied) {
        request = supplied;
        redirects = 0;
    }

    /**
     * Takes another address for what is asked for, as a redirect would.
     *
     * @return why not, null when it is taken
     */
    @Nullable String redirectTo(String url) {
        Redirect redirect = Redirect.follow(wanted(), url, 0);
        ConnectRequest next = redirect.request();
        if (next != null) {
            request = next;
        }
        return next == null ? redirect.refusal() : null;
    }

    ConnectRequest wanted() {
        ConnectRequest wanted = request;
        if (wanted == null) {
            throw new AssertionError("the engine probes only after a request was supplied");
        }
        return wanted;
    }

    /**
     * Connects by TCP.
     *
     * @param rotation how many addresses to skip
     */
    void probe(long number, int rotation) {
        ConnectRequest wanted = wanted();
        ProxyServer proxy = wire.proxies().proxyFor(wanted);
        Probe probe =
                new Probe(session.terms.loops, session.loop(), resolver, wanted, proxy, rotation, new Probe.Outcome() {
                    @Override
                    public void connected() {
                        outcome.connected(number);
                    }

                    @Override
                    public void failed(Failure failure) {
                        probes.remove(number);
                        outcome.probeFailed(number, failure);
                    }
                });
        probes.put(number, probe);
        probe.start();
    }

    /** Closes a probe, whatever it is doing. */
    void cancel(long number) {
        Probe probe = probes.remove(number);
        if (probe != null) {
            probe.cancel();
        }
    }

    /** Upgrades a connected probe. */
    void upgrade(long number) {
        Probe probe = probes.get(number);
        if (probe == null) {
            throw new AssertionError("the engine upgrades a probe that it started");
        }
        ConnectRequest wanted = probe.request();
        String shown = ticket == null ? null : ticket.textFor(wanted);
        ClientUpgrade.Route route =
                new ClientUpgrade.Route(probe.proxy(), wire.tls(), cookies, shown, wire.compression());
        probe.upgrade(new ClientUpgrade(wanted, route, session.limits(), new ClientUpgrade.Outcome() {
            @Override
            public void reached(UpgradeStep step) {
                outcome.reached(number, step);
            }

            @Override
            public List<String> subprotocols() {
                return outcome.subprotocols(wanted);
            }

            @Override
            public @Nullable Connection upgraded(Channel channel, Handshake handshake) {
                probes.remove(number);
                ticket = null;
                return outcome.upgraded(number, channel, handshake);
            }

            @Override
            public void putOff(String given) {
                ticket = Ticket.from(wanted, given);
            }

            @Override
            public void failed(Failure failure) {
                probes.remove(number);
                outcome.upgradeFailed(number, failure);
            }

            @Override
            public void redirected(@Nullable String location, Failure failure) {
                handleRedirected(number, wanted, location, failure);
            }
        }));
    }

    private void handleRedirected(long number, ConnectRequest from, @Nullable String location, Failure failure) {
        Redirect redirect = Redirect.follow(from, location, redirects);
        ConnectRequest next = redirect.request();
        if (next == null) {
            String message = failure.message() + "; " + redirect.refusal();
            probes.remove(number);
            outcome.upgradeFailed(number, Failure.ofHttpStatus(failure.httpStatus(), message, failure.retryAfter()));
        } else {
            redirects++;
            request = next;
            outcome.redirected(number);
        }
    }

    /** Stops looking names up. */
    void close() {
        resolver.close();
    }
}
