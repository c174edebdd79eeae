package io.everwire.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.AbstractEpollServerChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.NativeInetAddress;
import java.io.IOException;
import java.net.SocketAddress;

/** A port that is listened on, on epoll: Netty's own, but that it accepts a {@link LeanChannel}. */
final class LeanServerChannel extends AbstractEpollServerChannel {
    private final Config config = new Config(this);

    LeanServerChannel() {
        super(LinuxSocket.newSocketStream(), false);
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
        super.doBind(address);
        socket.listen(config.backlog);
        active = true;
    }

    @Override
    protected Channel newChildChannel(int fd, byte[] address, int offset, int length) {
        return new LeanChannel(this, fd, NativeInetAddress.address(address, offset, length));
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    private static final class Config extends EpollChannelConfig {
        private volatile int backlog = 128;

        Config(LeanServerChannel channel) {
            super(channel, new ServerChannelRecvByteBufAllocator());
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            validate(option, value);
            try {
                if (option.equals(ChannelOption.SO_BACKLOG)) {
                    backlog = (Integer) value;
                } else if (option.equals(ChannelOption.SO_REUSEADDR)) {
                    socket().setReuseAddress((Boolean) value);
                } else if (option.equals(EpollChannelOption.SO_REUSEPORT)) {
                    socket().setReusePort((Boolean) value);
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
