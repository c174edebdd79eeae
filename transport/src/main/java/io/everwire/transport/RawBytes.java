package io.everwire.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The first handler of a connection inside TLS: tells it of every byte that arrives. A record of 16 KiB is decrypted only when it is
 * complete, and takes seconds to arrive on a slow link whose peer is alive.
 */
final class RawBytes extends ChannelInboundHandlerAdapter {
    private final Connection connection;

    RawBytes(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object received) {
        connection.handleRawBytes();
        ctx.fireChannelRead(received);
    }
}
