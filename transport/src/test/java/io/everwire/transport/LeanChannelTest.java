package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Accepted connections on epoll. */
class LeanChannelTest {
    private MultiThreadIoEventLoopGroup group;
    private final CompletableFuture<Channel> accepted = new CompletableFuture<>();

    @BeforeEach
    void start() {
        assumeTrue(EventLoops.isEpoll(), "native epoll is not there");
        group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    }

    @AfterEach
    void stop() {
        if (group != null) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private Channel listen(boolean isAccepting) {
        return new ServerBootstrap()
                .group(group)
                .channelFactory(LeanServerChannel::new)
                .option(ChannelOption.AUTO_READ, isAccepting)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.complete(channel);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    private Socket dial(Channel listening) throws Exception {
        return new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) listening.localAddress()).getPort());
    }

    @Test
    void knowsItsPeer() throws Exception {
        try (Socket peer = dial(listen(true))) {
            assertThat(accepted.get(10, TimeUnit.SECONDS).remoteAddress()).isEqualTo(peer.getLocalSocketAddress());
        }
    }

    /** Storm control asks how long a request lay in the kernel. */
    @Test
    void tellsHowLongItsBytesLie() throws Exception {
        try (Socket peer = dial(listen(true))) {
            Channel channel = accepted.get(10, TimeUnit.SECONDS);
            channel.config().setAutoRead(false);
            peer.getOutputStream().write(1);

            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            long grain = TimeUnit.MILLISECONDS.toNanos(20);
            while (KernelProgress.unreadNanos(channel) < grain && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }

            assertThat(KernelProgress.unreadNanos(channel)).isGreaterThanOrEqualTo(grain);
        }
    }

    /** And how many wait behind it. */
    @Test
    void tellsHowManyWaitToBeAccepted() throws Exception {
        Channel listening = listen(false);
        assertThat(KernelProgress.unaccepted(listening)).isZero();
        try (Socket first = dial(listening);
                Socket second = dial(listening)) {
            assertThat(first.isConnected()).isEqualTo(second.isConnected()).isTrue();
            // The last segment of a handshake may be under way when the client is connected.
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (KernelProgress.unaccepted(listening) < 2 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(KernelProgress.unaccepted(listening)).isEqualTo(2);
        }
        assertThat(KernelProgress.unaccepted(null)).isZero();
    }

    /** The kernel does not know the peer of a connection that was reset; whoever counts connections by address has to. */
    @Test
    void knowsAPeerThatIsGoneBeforeItIsAccepted() throws Exception {
        Channel listening = listen(false);
        SocketAddress peer;
        try (Socket gone = dial(listening)) {
            peer = gone.getLocalSocketAddress();
            gone.setSoLinger(true, 0);
        }

        listening.config().setAutoRead(true);

        assertThat(accepted.get(10, TimeUnit.SECONDS).remoteAddress()).isEqualTo(peer);
    }
}
