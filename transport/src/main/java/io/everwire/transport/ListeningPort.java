package io.everwire.transport;

import io.everwire.StartException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port that is listened on; whoever connects comes in by its {@link Entrance}. On native epoll each event loop accepts, from a queue
 * of its own (SO_REUSEPORT).
 */
public final class ListeningPort {
    /** The default of {@code backlog}. */
    public static final int DEFAULT_BACKLOG = 4_096;

    /**
     * So many are accepted before others have their turn. Whom the kernel has no room for comes again after 1, 3 and 7 s, and nothing can be
     * told to him; who is accepted can be let in or be told when to come.
     */
    static final int ACCEPTED_A_TURN = 256;

    private static final Logger LOG = LoggerFactory.getLogger(ListeningPort.class);

    /** The first took the port, the others joined it. */
    private final List<Channel> channels;

    private final @Nullable ServerTls tls;

    private ListeningPort(List<Channel> channels, @Nullable ServerTls tls) {
        this.channels = List.copyOf(channels);
        this.tls = tls;
    }

    /**
     * Listens.
     *
     * @param host a name or an address, an IPv6 one with or without brackets
     * @param port 0 takes a free one
     * @param tls what is spoken; null for plain TCP
     * @param backlog how many connections may wait to be accepted, for each event loop; the kernel has a limit of its own
     * @throws StartException when the port cannot be listened on; the message says why
     */
    public static ListeningPort open(
            String host, int port, @Nullable ServerTls tls, int backlog, EventLoops loops, Entrance entrance) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new StartException(
                    "the host '" + Texts.printable(host) + "' is unknown; listen on an address of this machine");
        }
        ServerBootstrap bootstrap = new ServerBootstrap()
                .channelFactory(loops.serverChannels())
                .option(ChannelOption.SO_BACKLOG, backlog)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        // Otherwise one is accepted a turn: a new descriptor is no number of bytes that could fill a
                        // buffer.
                        new ServerChannelRecvByteBufAllocator()
                                .respectMaybeMoreData(false)
                                .maxMessagesPerRead(ACCEPTED_A_TURN))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        ServerUpgrade.install(accepted, loops, entrance, tls);
                    }
                });
        Iterator<EventLoop> acceptors = loops.all().iterator();
        ChannelFuture bound = bind(bootstrap, acceptors.next(), loops, address);
        Throwable cause = bound.cause();
        if (cause != null) {
            throw new StartException(
                    "port " + port + " on " + address.getHostString() + " cannot be listened on ("
                            + Texts.describe(cause)
                            + "); stop what uses it, or choose another port (0 takes a free one)",
                    cause);
        }
        List<Channel> channels = new ArrayList<>(List.of(bound.channel()));
        if (EventLoops.isEpoll()) {
            join(channels, bootstrap, acceptors, loops);
        }
        if (tls != null) {
            tls.watch();
            bound.channel().closeFuture().addListener(closed -> tls.unwatch());
        }
        return new ListeningPort(channels, tls);
    }

    private static ChannelFuture bind(
            ServerBootstrap bootstrap, EventLoop acceptor, EventLoops loops, SocketAddress address) {
        // Whoever accepts hands on in turn: long-lived connections must not gather where the kernel's hash has put
        // them.
        return bootstrap
                .clone()
                .group(acceptor, loops.group())
                .handler(new AcceptFailures())
                .bind(address)
                .awaitUninterruptibly();
    }

    /**
     * Lets the other event loops accept, too. Only when the first has the port is it shared: who took it with SO_REUSEPORT at once would
     * share it with another server that was started by mistake, and neither would be told.
     */
    private static void join(
            List<Channel> channels, ServerBootstrap bootstrap, Iterator<EventLoop> acceptors, EventLoops loops) {
        Channel first = channels.get(0);
        try {
            first.config().setOption(EpollChannelOption.SO_REUSEPORT, true);
        } catch (ChannelException e) {
            LOG.debug("one event loop accepts for all", e);
            return;
        }
        bootstrap.option(EpollChannelOption.SO_REUSEPORT, true);
        while (acceptors.hasNext()) {
            ChannelFuture joined = bind(bootstrap, acceptors.next(), loops, first.localAddress());
            if (joined.isSuccess()) {
                channels.add(joined.channel());
            } else {
                LOG.debug("an event loop does not accept", joined.cause());
            }
        }
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channels.get(0).localAddress();
    }

    /** Tells whether TLS is spoken. */
    public boolean isSecure() {
        return tls != null;
    }

    /** Accepts nobody any more; the stage completes when the port is free. */
    public CompletionStage<Void> close() {
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (Channel channel : channels) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            channel.close().addListener(ignored -> done.complete(null));
            closing.add(done);
        }
        return CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new));
    }
}
