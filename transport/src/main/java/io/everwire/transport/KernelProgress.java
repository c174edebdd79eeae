package io.everwire.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.AbstractEpollServerChannel;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the kernel can be asked about a connection, and told: {@code TCP_INFO}, and how it sends, on epoll only. */
final class KernelProgress {
    /** The most bytes that wait unsent in the kernel: two seconds of a 64 kbit/s link, so that a ping is soon out. */
    private static final int UNSENT_BYTES = 16 << 10;

    private static final long EPISODE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CLOCK_GRAIN_MILLIS = 20;
    private static final int SEND_BUFFER_BYTES = 64 << 10;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 << 10, 48 << 10);

    private static final int SOL_TCP = 6;
    private static final ChannelOption<Integer> TCP_NOTSENT_LOWAT =
            new IntegerUnixChannelOption("TCP_NOTSENT_LOWAT", SOL_TCP, 25);

    /** Linux 6.15 and later; the longest time between two repetitions of what was not acknowledged. Older ones have 120 s. */
    private static final ChannelOption<Integer> TCP_RTO_MAX_MS =
            new IntegerUnixChannelOption("TCP_RTO_MAX_MS", SOL_TCP, 44);

    /** How long the kernel goes on repeating; 0 for as often as {@code tcp_retries2} says, however long that is. */
    private static final ChannelOption<Integer> TCP_USER_TIMEOUT_MS =
            new IntegerUnixChannelOption("TCP_USER_TIMEOUT", SOL_TCP, 18);

    /** The least that the kernel takes. */
    private static final int EAGER_RTO_MAX_MILLIS = 1_000;

    private static final int TCP_RTO_MAX_MILLIS = 120_000;
    /** What the kernel is patient for beyond the longest silence of the policy: for the stalls of both ends. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private static final int BY_REPETITIONS = 0;

    /** A quarter of the eager repetition: what is on its way is acknowledged before it is repeated, also when queues have filled. */
    private static final int QUICK_MILLIS = 250;

    /** The kernel's {@code struct tcp_info} up to its round trip, of which four numbers are read. */
    private static final int TCP_INFO = 11;

    private static final int INFO_BYTES = 104;
    private static final int UNACKED = 24;
    private static final int LAST_DATA_RECV = 52;
    private static final int LAST_ACK_RECV = 56;
    private static final int ROUND_TRIP = 68;

    /** What one question is answered with; it is looked at before the next one. */
    private static final FastThreadLocal<ByteBuffer> INFO = new FastThreadLocal<>() {
        @Override
        protected ByteBuffer initialValue() {
            return ByteBuffer.allocateDirect(INFO_BYTES).order(ByteOrder.nativeOrder());
        }
    };

    /** When the last acknowledgement came, or a little later. */
    private long lastAckMillis = Long.MIN_VALUE / 2;

    private long lastLookNanos = Long.MIN_VALUE / 2;

    /** Sets the options of every connection. */
    static void configure(Channel channel) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        if (isEpoll(channel)) {
            channel.config().setOption(TCP_NOTSENT_LOWAT, UNSENT_BYTES);
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
    void repeatOften(Channel channel, boolean isSuspect, @Nullable Duration roundTrip, Duration longestSilence) {
        if (!isEpoll(channel)) {
            return;
        }
        try {
            boolean isEager = isSuspect && isQuick(channel, roundTrip);
            channel.config().setOption(TCP_RTO_MAX_MS, isEager ? EAGER_RTO_MAX_MILLIS : TCP_RTO_MAX_MILLIS);
            // Who is dead is said by the policy: 15 repetitions, each second, are over after 14.4 s.
            channel.config().setOption(TCP_USER_TIMEOUT_MS, isEager ? patienceMillis(longestSilence) : BY_REPETITIONS);
        } catch (ChannelException e) {
            // An older kernel, or the connection has just ended: TCP goes on as it does by itself.
        }
    }

    private static int patienceMillis(Duration longestSilence) {
        return (int) Math.min(Integer.MAX_VALUE, longestSilence.plus(MARGIN).toMillis());
    }

    private static boolean isQuick(Channel channel, @Nullable Duration roundTrip) {
        return TimeUnit.MICROSECONDS.toMillis(
                                Integer.toUnsignedLong(ask(channel).getInt(ROUND_TRIP)))
                        < QUICK_MILLIS
                && (roundTrip == null || roundTrip.toMillis() < QUICK_MILLIS);
    }

    /**
     * Tells whether the peer's kernel acknowledged data of ours since the last question. Answers to window probes do not count: they prove
     * the peer's kernel, but while nothing of ours is in flight nothing makes progress.
     */
    boolean hasAdvanced(Channel channel, long nowNanos) {
        if (!isEpoll(channel) || !channel.isOpen()) {
            return false;
        }
        try {
            ByteBuffer info = ask(channel);
            long ageMillis = Integer.toUnsignedLong(info.getInt(LAST_ACK_RECV));
            // The kernel tells an age, and our thread may have stood still before the question: two instants enclose
            // the truth.
            long earliestMillis = TimeUnit.NANOSECONDS.toMillis(nowNanos) - ageMillis;
            long latestMillis = TimeUnit.NANOSECONDS.toMillis(RealClock.nanos()) - ageMillis;
            // The kernel counts in its own ticks, so the same acknowledgement may seem a few milliseconds younger.
            boolean isNewer = earliestMillis > lastAckMillis + CLOCK_GRAIN_MILLIS;
            // The first look after a while only says where things stand: an old acknowledgement is no progress.
            boolean isFirst = nowNanos - lastLookNanos > EPISODE_NANOS;
            lastAckMillis = isNewer || isFirst ? latestMillis : Math.min(lastAckMillis, latestMillis);
            lastLookNanos = nowNanos;
            return isNewer && !isFirst && info.getInt(UNACKED) != 0;
        } catch (ChannelException e) {
            // The connection ended between the check and the call; its end is reported by its own event.
            return false;
        }
    }

    /** Returns for how long the last bytes of a peer have lain in the kernel, if they have not been read; 0 where that cannot be told. */
    static long unreadNanos(Channel channel) {
        if (!isEpoll(channel) || !channel.isOpen()) {
            return 0;
        }
        try {
            return TimeUnit.MILLISECONDS.toNanos(
                    Integer.toUnsignedLong(ask(channel).getInt(LAST_DATA_RECV)));
        } catch (ChannelException e) {
            // It has just ended; its end is reported by its own event.
            return 0;
        }
    }

    /** Returns how many connections wait to be accepted at a listening socket; 0 where that cannot be told. */
    static int unaccepted(@Nullable Channel listening) {
        if (!(listening instanceof AbstractEpollServerChannel) || !listening.isOpen()) {
            return 0;
        }
        try {
            // What counts segments of a connection counts connections here (net/ipv4/tcp.c, tcp_get_info).
            return ask(listening).getInt(UNACKED);
        } catch (ChannelException e) {
            // It has just been closed.
            return 0;
        }
    }

    private static boolean isEpoll(Channel channel) {
        return channel instanceof AbstractEpollStreamChannel;
    }

    private static ByteBuffer ask(Channel channel) {
        ByteBuffer info = INFO.get();
        try {
            ((Socket) ((UnixChannel) channel).fd()).getRawOpt(SOL_TCP, TCP_INFO, info.clear());
            return info;
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }
}
