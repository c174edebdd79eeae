package io.everwire.transport;

import io.everwire.StartException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A port that is listened on; whoever connects comes in by its {@link Entrance}. */
public final class ListeningPort {
    private static final int BACKLOG = 4_096;

    private final Channel channel;
    private final @Nullable ServerTls tls;

    private ListeningPort(Channel channel, @Nullable ServerTls tls) {
        this.channel = channel;
        this.tls = tls;
    }

    /**
     * Listens.
     *
     * @param host a name or an address, an IPv6 one with or without brackets
     * @param port 0 takes a free one
     * @param tls what is spoken; null for plain TCP
     * @throws StartException when the port cannot be listened on; the message says why
     */
    public static ListeningPort open(
            String host, int port, @Nullable ServerTls tls, EventLoops loops, Entrance entrance) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new StartException(
                    "the host '" + Texts.printable(host) + "' is unknown; listen on an address of this machine");
        }
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.serverChannels())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        ServerUpgrade.install(accepted, loops, entrance, tls);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw new StartException(
                    "port " + port + " on " + address.getHostString() + " cannot be listened on ("
                            + Texts.describe(cause)
                            + "); stop what uses it, or choose another port (0 takes a free one)",
                    cause);
        }
        if (tls != null) {
            tls.watch();
            bound.channel().closeFuture().addListener(closed -> tls.unwatch());
        }
        return new ListeningPort(bound.channel(), tls);
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Tells whether TLS is spoken. */
    public boolean isSecure() {
        return tls != null;
    }

    /** Accepts nobody any more; the stage completes when the port is free. */
    public CompletionStage<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        channel.close().addListener(ignored -> done.complete(null));
        return done;
    }
}
