package io.everwire.benchmarks.contestants;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** The least that a connection takes in Netty: a channel with one handler, which does nothing. */
public final class BareNetty implements EchoService {
    @Override
    public int start() throws Exception {
        return Loop.best().listen(channel -> channel.pipeline().addLast(Nothing.INSTANCE));
    }

    @Sharable
    private static final class Nothing extends ChannelInboundHandlerAdapter {
        static final Nothing INSTANCE = new Nothing();
    }
}
