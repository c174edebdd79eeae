package io.everwire.benchmarks.contestants;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Bytes returned by one handler of Netty's, flushed once a read; the property {@code bench.transport} says on what. */
public final class RawNetty implements EchoService {
    @Override
    public int start() throws Exception {
        return Loop.chosen().listen(channel -> channel.pipeline().addLast(new Handler()));
    }

    private static final class Handler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.write(bytes, ctx.voidPromise());
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
