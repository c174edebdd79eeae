package io.everwire.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the kernel can be asked about a connection, and told: {@code TCP_INFO} and {@code TCP_NOTSENT_LOWAT}, on epoll only. */
final class KernelProgress {
    /** The most bytes that wait unsent in the kernel: two seconds of a 64 kbit/s link, so that a ping is soon out. */
    private static final long UNSENT_BYTES = 16 << 10;

    private static final long EPISODE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CLOCK_GRAIN_MILLIS = 20;
    private static final int SEND_BUFFER_BYTES = 64 << 10;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 << 10, 48 << 10);

    /** Linux 6.15 and later; the longest time between two repetitions of what was not acknowledged. Older ones have 120 s. */
    private static final ChannelOption<Integer> TCP_RTO_MAX_MS = new IntegerUnixChannelOption("TCP_RTO_MAX_MS", 6, 44);

    /** The least that the kernel takes. */
    private static final int EAGER_RTO_MAX_MILLIS = 1_000;

    private static final int TCP_RTO_MAX_MILLIS = 120_000;
    /** A quarter of the eager repetition: what is on its way is acknowledged before it is repeated, also when queues have filled. */
    private static final int QUICK_MILLIS = 250;

    /** What one question is answered with; it is looked at before the next one. */
    private static final FastThreadLocal<EpollTcpInfo> INFO = new FastThreadLocal<>() {
        @Override
        protected EpollTcpInfo initialValue() {
            return new EpollTcpInfo();
        }
    };

    /** When the last acknowledgement came, or a little later. */
    private long lastAckMillis = Long.MIN_VALUE / 2;

    private long lastLookNanos = Long.MIN_VALUE / 2;

    /** Sets the options of every connection. */
    static void configure(Channel channel) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES);
        } else {
            // NIO has no such option; a small send buffer is the next best cap.
            channel.config().setOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES);
        }
    }

    /**
     * Makes the kernel repeat what was not acknowledged each second, instead of ever more rarely, while the peer is suspect and the
     * link is quick: a network that comes back is noticed soon. A link whose round trip is long, as under a big message on little
     * bandwidth, keeps TCP's patience: what is repeated before it can be acknowledged crowds out what is new. The round trip is that of
     * pings or the kernel's, whichever is longer. Does nothing where the kernel has no such option.
     */
    void repeatOften(Channel channel, boolean isSuspect, @Nullable Duration roundTrip) {
        if (!(channel instanceof EpollSocketChannel epoll)) {
            return;
        }
        try {
            int longest = isSuspect && isQuick(epoll, roundTrip) ? EAGER_RTO_MAX_MILLIS : TCP_RTO_MAX_MILLIS;
            channel.config().setOption(TCP_RTO_MAX_MS, longest);
        } catch (ChannelException e) {
            // An older kernel, or the connection has just ended: TCP goes on as it does by itself.
        }
    }

    private static boolean isQuick(EpollSocketChannel channel, @Nullable Duration roundTrip) {
        EpollTcpInfo info = channel.tcpInfo(INFO.get());
        return TimeUnit.MICROSECONDS.toMillis(info.rtt()) < QUICK_MILLIS
                && (roundTrip == null || roundTrip.toMillis() < QUICK_MILLIS);
    }

    /**
     * Tells whether the peer's kernel acknowledged data of ours since the last question. Answers to window probes do not count: they prove
     * the peer's kernel, but while nothing of ours is in flight nothing makes progress.
     */
    boolean hasAdvanced(Channel channel, long nowNanos) {
        if (!(channel instanceof EpollSocketChannel epoll) || !channel.isOpen()) {
            return false;
        }
        try {
            EpollTcpInfo info = epoll.tcpInfo(INFO.get());
            // The kernel tells an age, and our thread may have stood still before the question: two instants enclose
            // the truth.
            long earliestMillis = TimeUnit.NANOSECONDS.toMillis(nowNanos) - info.lastAckRecv();
            long latestMillis = TimeUnit.NANOSECONDS.toMillis(RealClock.nanos()) - info.lastAckRecv();
            // The kernel counts in its own ticks, so the same acknowledgement may seem a few milliseconds younger.
            boolean isNewer = earliestMillis > lastAckMillis + CLOCK_GRAIN_MILLIS;
            // The first look after a while only says where things stand: an old acknowledgement is no progress.
            boolean isFirst = nowNanos - lastLookNanos > EPISODE_NANOS;
            lastAckMillis = isNewer || isFirst ? latestMillis : Math.min(lastAckMillis, latestMillis);
            lastLookNanos = nowNanos;
            return isNewer && !isFirst && info.unacked() > 0;
        } catch (ChannelException e) {
            // The connection ended between the check and the call; its end is reported by its own event.
            return false;
        }
    }
}
