package io.everwire.benchmarks.contestants;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;

/** Netty's own WebSocket codec, flushed once a read; the property {@code bench.transport} says on what. */
public final class NettyCodec implements EchoService {
    private static final int REQUEST_BYTES = 8 << 10;

    @Override
    public int start() throws Exception {
        return Loop.chosen().listen(NettyCodec::initialize);
    }

    private static void initialize(Channel channel) {
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(),
                        new HttpObjectAggregator(REQUEST_BYTES),
                        new WebSocketServerProtocolHandler(PATH, null, false, LARGEST_MESSAGE),
                        new Echo());
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            ctx.write(frame, ctx.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
