package io.everwire.transport;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to reach a host, or the proxy in its place, by TCP: looks the name up, then races its addresses, a new one every 250 ms or as soon as one
 * fails (RFC 8305 §5). The first to connect wins; the others are closed. Deadlines are the reconnect engine's.
 *
 * <p><b>Thread safety.</b> Its event loop only.
 */
final class Probe {
    private static final long STAGGER_MILLIS = 250;

    private final EventLoops loops;
    private final EventLoop loop;
    private final Resolver resolver;
    private final ConnectRequest request;
    private final @Nullable ProxyServer proxy;
    private final String host;
    private final int port;
    private final int rotation;
    private final Outcome outcome;
    private final ArrayDeque<InetAddress> untried = new ArrayDeque<>();
    private final Set<InetAddress> seen = new HashSet<>();
    private final List<Channel> dialing = new ArrayList<>();
    private @Nullable Channel winner;
    private @Nullable ClientUpgrade upgrade;
    private @Nullable Failure firstFailure;
    private @Nullable Future<?> stagger;
    private boolean isResolving = true;
    private boolean isOver;

    /** What comes of a probe; one of the two, once, never during {@link #start}. */
    interface Outcome {
        void connected();

        void failed(Failure failure);
    }

    Probe(
            EventLoops loops,
            EventLoop loop,
            Resolver resolver,
            ConnectRequest request,
            @Nullable ProxyServer proxy,
            int rotation,
            Outcome outcome) {
        this.loops = loops;
        this.loop = loop;
        this.resolver = resolver;
        this.request = request;
        this.proxy = proxy;
        this.host = proxy == null ? request.uri().getHost() : proxy.host();
        this.port = proxy == null ? request.port() : proxy.port();
        this.rotation = rotation;
        this.outcome = outcome;
    }

    void start() {
        // A slow look-up does not hold the last good addresses back.
        stagger = loop.schedule(() -> addAddresses(resolver.lastGood(host)), STAGGER_MILLIS, TimeUnit.MILLISECONDS);
        loop.execute(() -> {
            if (!isOver) {
                resolver.resolve(host, this::handleResolved);
            }
        });
    }

    /** Returns the proxy that is dialed in the server's place, null for none. */
    @Nullable ProxyServer proxy() {
        return proxy;
    }

    private String named(String name) {
        return (proxy == null ? "the name " : "the proxy's name ") + name;
    }

    /** Returns what is asked for: a request that is supplied later belongs to a later probe. */
    ConnectRequest request() {
        return request;
    }

    private void handleResolved(List<InetAddress> found, @Nullable Throwable cause) {
        isResolving = false;
        if (isOver || winner != null) {
            return;
        }
        if (cause != null) {
            firstFailure = Failure.of(
                    Failure.Kind.UNKNOWN_HOST, named(host) + " could not be looked up: " + cause.getMessage());
            addAddresses(resolver.lastGood(host));
        } else {
            List<InetAddress> rotated = new ArrayList<>(found);
            Collections.rotate(rotated, -rotation);
            addAddresses(rotated);
        }
    }

    private void addAddresses(List<InetAddress> addresses) {
        for (InetAddress address : addresses) {
            if (seen.add(address)) {
                untried.addLast(address);
            }
        }
        dialNext();
    }

    private void dialNext() {
        if (isOver || winner != null) {
            return;
        }
        InetAddress address = untried.pollFirst();
        if (address == null) {
            failIfExhausted();
            return;
        }
        dial(new InetSocketAddress(address, port));
        if (stagger != null) {
            stagger.cancel(false);
        }
        stagger = loop.schedule(this::dialNext, STAGGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void dial(InetSocketAddress target) {
        ChannelFuture future = new Bootstrap()
                .group(loop)
                .channelFactory(loops.channels())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(target);
        Channel channel = future.channel();
        dialing.add(channel);
        future.addListener(done -> {
            // Without a descriptor there is no channel, and Netty tells that on a thread of its own.
            if (loop.inEventLoop()) {
                handleDialed(channel, target, done.cause());
            } else {
                loop.execute(() -> handleDialed(channel, target, done.cause()));
            }
        });
    }

    private void handleDialed(Channel channel, InetSocketAddress target, @Nullable Throwable cause) {
        dialing.remove(channel);
        if (cause == null) {
            handleConnected(channel, target);
        } else if (!isOver && winner == null) {
            handleDialFailed(target, cause);
        }
    }

    private void handleConnected(Channel channel, InetSocketAddress target) {
        if (isOver || winner != null) {
            channel.close();
            return;
        }
        winner = channel;
        cancelDialing();
        KernelProgress.configure(channel);
        if (!request.isSecure()) {
            channel.config().setRecvByteBufAllocator(ReadBuffer.OWN);
        }
        resolver.remember(host, target.getAddress());
        outcome.connected();
    }

    private void handleDialFailed(InetSocketAddress target, Throwable cause) {
        if (firstFailure == null) {
            firstFailure = failureOf(target, cause);
        }
        dialNext();
    }

    private void failIfExhausted() {
        Failure failure = firstFailure;
        if (!isResolving && dialing.isEmpty() && !isOver) {
            isOver = true;
            cancelDialing();
            outcome.failed(
                    failure != null ? failure : Failure.of(Failure.Kind.UNKNOWN_HOST, named(host) + " has no address"));
        }
    }

    private Failure failureOf(InetSocketAddress target, Throwable cause) {
        String where = (proxy == null ? "" : "the proxy ") + target.getAddress().getHostAddress() + " port "
                + target.getPort();
        String text = String.valueOf(cause.getMessage());
        if (cause instanceof ConnectTimeoutException || text.contains("timed out")) {
            return Failure.of(Failure.Kind.CONNECT_TIMEOUT, "no TCP connection to " + where + " in time");
        }
        if (cause instanceof NoRouteToHostException
                || cause instanceof PortUnreachableException
                || text.contains("unreachable")) {
            return Failure.of(Failure.Kind.NO_ROUTE, "there is no route to " + where);
        }
        if (text.contains("refused")) {
            return Failure.of(
                    Failure.Kind.REFUSED,
                    where + " refused the connection; is the " + (proxy == null ? "server" : "proxy") + " running?");
        }
        if (text.contains("reset")) {
            return Failure.of(Failure.Kind.CONNECTION_LOST, where + " reset the connection");
        }
        return Failure.of(Failure.Kind.NO_ROUTE, "no connection to " + where + ": " + Texts.printable(text));
    }

    /** Goes on to the upgrade on the connection that won. */
    void upgrade(ClientUpgrade next) {
        Channel channel = winner;
        if (channel == null) {
            throw new AssertionError("the engine upgrades a probe only after it has connected");
        }
        upgrade = next;
        if (channel.isActive()) {
            next.begin(channel);
        } else {
            loop.execute(() -> next.failBeforeBegin());
        }
    }

    /** Closes everything and says nothing more. */
    void cancel() {
        isOver = true;
        if (upgrade != null) {
            upgrade.cancel();
        }
        cancelDialing();
        if (winner != null) {
            winner.close();
        }
    }

    private void cancelDialing() {
        if (stagger != null) {
            stagger.cancel(false);
        }
        List<Channel> losers = List.copyOf(dialing);
        dialing.clear();
        losers.forEach(Channel::close);
    }
}
