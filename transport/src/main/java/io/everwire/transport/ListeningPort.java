package io.everwire.transport;

import io.everwire.Limits;
import io.everwire.StartException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A port that is listened on; whoever connects is met by a {@link ServerUpgrade}. */
public final class ListeningPort {
    private static final int BACKLOG = 4_096;

    private final Channel channel;

    private ListeningPort(Channel channel) {
        this.channel = channel;
    }

    /**
     * Listens.
     *
     * @param address port 0 takes a free one
     * @throws StartException when the port cannot be listened on; the message says why
     */
    public static ListeningPort open(
            InetSocketAddress address, EventLoops loops, Limits limits, ServerUpgrade.Admission admission) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.serverChannels())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new AcceptFailures())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        ServerUpgrade.install(accepted, loops, limits, admission);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw new StartException(
                    "port " + address.getPort() + " on " + address.getHostString() + " cannot be listened on ("
                            + Texts.describe(cause)
                            + "); stop what uses it, or choose another port (0 takes a free one)",
                    cause);
        }
        return new ListeningPort(bound.channel());
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Accepts nobody any more; the stage completes when the port is free. */
    public CompletionStage<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        channel.close().addListener(ignored -> done.complete(null));
        return done;
    }
}
