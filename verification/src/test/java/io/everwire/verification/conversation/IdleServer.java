package io.everwire.verification.conversation;

import io.everwire.LivenessPolicy;
import io.everwire.PingWhen;
import io.everwire.ResumePolicy;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A process that listens on one event loop, and tells for each number of connections that it is given how many bytes of its heap live with them. */
final class IdleServer {
    private static final AtomicInteger ACCEPTED = new AtomicInteger();

    private IdleServer() {}

    /** What is listened with: Everwire, or Netty alone with one empty handler. */
    public static void main(String[] arguments) throws IOException {
        int port = switch (arguments[0]) {
            case "bare" -> bare();
            case "plain" -> everwire(false);
            default -> everwire(true);
        };
        say(port);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            awaitAccepted(arguments[0], Integer.parseInt(line));
            say(liveBytes());
        }
    }

    private static void say(long number) {
        System.out.println(number);
    }

    private static int everwire(boolean isResumable) {
        LivenessPolicy seldom = new LivenessPolicy(
                Duration.ofMinutes(10), 0.2, Duration.ofSeconds(10), PingWhen.SILENT, null, Duration.ofMinutes(30));
        EverwireServer.Builder builder = EverwireServer.builder()
                .listen("/", new SessionListener() {})
                .eventLoops(EventLoops.create(1))
                .liveness(seldom);
        return (isResumable ? builder.sessions(ResumePolicy.DEFAULT) : builder)
                .start()
                .port();
    }

    private static int bare() {
        boolean isEpoll = EventLoops.isEpoll();
        Class<? extends ServerChannel> type = isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        Channel listening = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(
                        1, isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory()))
                .channel(type)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        ACCEPTED.incrementAndGet();
                        accepted.pipeline().addLast(new ChannelInboundHandlerAdapter());
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Whoever is given a handshake knows that it was accepted; on a bare channel nobody says so. */
    private static void awaitAccepted(String kind, int connections) {
        while (kind.equals("bare") && ACCEPTED.get() < connections) {
            Thread.onSpinWait();
        }
    }

    private static long liveBytes() {
        // What has a cleaner, and what it refers to, goes with the second.
        System.gc();
        System.gc();
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            // As the collection has left it: by now every thread has taken a piece of the heap to allocate from.
            MemoryUsage left = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
            used += left == null ? 0 : left.getUsed();
        }
        return used;
    }
}
