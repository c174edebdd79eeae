package io.everwire.benchmarks.contestants;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** One event loop of Netty's that listens and serves. */
final class Loop {
    private final IoHandlerFactory transport;
    private final Class<? extends ServerChannel> channels;

    private Loop(IoHandlerFactory transport, Class<? extends ServerChannel> channels) {
        this.transport = transport;
        this.channels = channels;
    }

    /** Takes native epoll where there is one, as Everwire does. */
    static Loop best() {
        return Epoll.isAvailable() ? epoll() : new Loop(NioIoHandler.newFactory(), NioServerSocketChannel.class);
    }

    /** Takes what the property {@code bench.transport} names, {@code epoll} or {@code io_uring}, and without it the best. */
    static Loop chosen() {
        return switch (System.getProperty("bench.transport", "")) {
            case "io_uring" -> ioUring();
            case "epoll" -> epoll();
            default -> best();
        };
    }

    private static Loop epoll() {
        Epoll.ensureAvailability();
        return new Loop(EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
    }

    private static Loop ioUring() {
        IoUring.ensureAvailability();
        return new Loop(IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class);
    }

    /** Listens on a free port of 127.0.0.1 and returns it. */
    int listen(Consumer<Channel> initializer) throws InterruptedException {
        ChannelHandler children = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                initializer.accept(channel);
            }
        };
        Channel listening = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, transport))
                .channel(channels)
                .option(ChannelOption.SO_BACKLOG, EchoService.BACKLOG)
                .childHandler(children)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }
}
