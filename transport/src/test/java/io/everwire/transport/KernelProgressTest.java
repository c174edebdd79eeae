package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class KernelProgressTest {
    private static final ChannelOption<Integer> LONGEST = new IntegerUnixChannelOption("TCP_RTO_MAX_MS", 6, 44);

    private static final Duration SILENCE = Duration.ofSeconds(35);

    private final KernelProgress kernel = new KernelProgress();
    private final EventLoops loops = EventLoops.create(1);
    private @Nullable ServerSocket listening;
    private @Nullable Channel opened;

    @BeforeEach
    void open() throws IOException {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        listening = socket;
        opened = new Bootstrap()
                .group(loops.group())
                .channelFactory(loops.channels())
                .handler(new ChannelInboundHandlerAdapter())
                .connect(socket.getLocalSocketAddress())
                .syncUninterruptibly()
                .channel();
    }

    @AfterEach
    void close() throws IOException {
        if (opened != null) {
            opened.close().syncUninterruptibly();
        }
        if (listening != null) {
            listening.close();
        }
        loops.close();
    }

    @Test
    void repeatsEachSecondWhileAQuickPeerIsSuspect() {
        assumeThatTheKernelKnowsTheOption();
        kernel.repeatOften(channel(), true, Duration.ofMillis(20), SILENCE);
        assertThat(longestMillis()).isEqualTo(1_000);
        kernel.repeatOften(channel(), false, Duration.ofMillis(20), SILENCE);
        assertThat(longestMillis()).isEqualTo(120_000);
    }

    @Test
    void givesNobodyUpEarlierBecauseItRepeatsOften() {
        assumeThatTheKernelKnowsTheOption();
        kernel.repeatOften(channel(), true, Duration.ofMillis(20), SILENCE);
        assertThat(channel().config().getOption(EpollChannelOption.TCP_USER_TIMEOUT))
                .as("milliseconds, where 15 repetitions are over after 14,400")
                .isEqualTo(95_000);
        kernel.repeatOften(channel(), false, Duration.ofMillis(20), SILENCE);
        assertThat(channel().config().getOption(EpollChannelOption.TCP_USER_TIMEOUT))
                .isZero();
    }

    @Test
    void leavesTcpItsPatienceOnASlowLink() {
        assumeThatTheKernelKnowsTheOption();
        kernel.repeatOften(channel(), true, Duration.ofMillis(250), SILENCE);
        assertThat(longestMillis()).isEqualTo(120_000);
    }

    @Test
    void takesTheKernelsWordForAPeerThatNeverAnsweredAPing() {
        assumeThatTheKernelKnowsTheOption();
        kernel.repeatOften(channel(), true, null, SILENCE);
        assertThat(longestMillis()).isEqualTo(1_000);
    }

    @Test
    void leavesAConnectionThatHasEndedAlone() {
        channel().close().syncUninterruptibly();
        kernel.repeatOften(channel(), true, Duration.ofMillis(20), SILENCE);
        assertThat(channel().isOpen()).isFalse();
    }

    private Channel channel() {
        if (opened == null) {
            throw new AssertionError("open() ran before");
        }
        return opened;
    }

    private int longestMillis() {
        return channel().config().getOption(LONGEST);
    }

    private void assumeThatTheKernelKnowsTheOption() {
        try {
            assumeTrue(EventLoops.isEpoll() && longestMillis() > 0, "no epoll, or no TCP_RTO_MAX_MS");
        } catch (ChannelException e) {
            assumeTrue(false, "TCP_RTO_MAX_MS needs Linux 6.15: " + e.getMessage());
        }
    }
}
