package io.everwire.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a server has accepted, on epoll: Netty's own, without what a server has thousands of and nobody asks for. It has no
 * name that is unique in the world, and knows few options.
 */
final class LeanChannel extends AbstractEpollStreamChannel {
    private final Config config = new Config(this);
    /** Null where the kernel still knows. */
    private final @Nullable SocketAddress accepted;

    /**
     * Takes over an accepted descriptor.
     *
     * @param address whose it is, as the kernel said when it was accepted: of one that was reset since it says nothing any more
     */
    LeanChannel(Channel parent, int fd, SocketAddress address) {
        super(parent, fd);
        accepted = super.remoteAddress0() == null ? address : null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return accepted == null ? super.remoteAddress0() : accepted;
    }

    @Override
    protected ChannelId newId() {
        return new Name();
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    /** Unique among the last four billion of this process; for logs. */
    @SuppressWarnings("serial") // It never leaves the process.
    private static final class Name implements ChannelId {
        private static final AtomicInteger COUNT = new AtomicInteger();
        private final int number = COUNT.incrementAndGet();

        @Override
        public String asShortText() {
            return Integer.toHexString(number);
        }

        @Override
        public String asLongText() {
            return asShortText();
        }

        @Override
        public int compareTo(ChannelId other) {
            return asShortText().compareTo(other.asShortText());
        }
    }

    /** Knows the options that a server's connections are given; what else there is in a kernel's header can be set by its number. */
    private static final class Config extends EpollChannelConfig {
        /** Until something else is said what it reads is for TLS. */
        private static final RecvByteBufAllocator ADAPTIVE = new AdaptiveRecvByteBufAllocator();

        Config(LeanChannel channel) {
            super(channel, ADAPTIVE);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            validate(option, value);
            try {
                if (option.equals(ChannelOption.TCP_NODELAY)) {
                    socket().setTcpNoDelay((Boolean) value);
                } else if (option.equals(ChannelOption.SO_LINGER)) {
                    socket().setSoLinger((Integer) value);
                } else {
                    return super.setOption(option, value);
                }
                return true;
            } catch (IOException e) {
                throw new ChannelException(e);
            }
        }
    }
}
