package io.everwire.verification.conversation;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** A server that upgrades, answers a close frame and nothing else, and sees how TLS ended beneath it. */
final class TlsObserver implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
    private final Channel listening;

    TlsObserver(SSLContext context, String version) {
        listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SSLEngine engine = context.createSSLEngine();
                        engine.setUseClientMode(false);
                        engine.setEnabledProtocols(new String[] {version});
                        channel.pipeline().addLast(new SslHandler(engine), new Peer());
                        accepted.complete(channel);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    String url() {
        return "wss://127.0.0.1:" + ((InetSocketAddress) listening.localAddress()).getPort() + "/";
    }

    /** How TLS ended: {@code close_notify}, {@code reset}, or {@code cut}. */
    CompletionStage<String> ended() {
        return ended;
    }

    /** Ends the TCP connection without a word of TLS. */
    void cut() {
        Channel channel = Patience.of(accepted);
        channel.eventLoop()
                .execute(() -> channel.unsafe().close(channel.unsafe().voidPromise()));
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, Patience.SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Peer extends SimpleChannelInboundHandler<ByteBuf> {
        private boolean isUpgraded;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) throws IOException {
            byte[] received = ByteBufUtil.getBytes(bytes);
            if (!isUpgraded) {
                isUpgraded = true;
                String answer = RawPeer.answerTo(new String(received, StandardCharsets.US_ASCII)) + "\r\n";
                ctx.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII));
                return;
            }
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(received));
            for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
                if (frame.opcode() == Frame.CLOSE) {
                    ctx.writeAndFlush(Unpooled.wrappedBuffer(
                            Frame.close(frame.closeCode(), "").bytes(false)));
                }
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslCloseCompletionEvent over) {
                ended.complete(over.isSuccess() ? "close_notify" : "cut");
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ended.complete(String.valueOf(cause.getMessage()).contains("reset") ? "reset" : String.valueOf(cause));
            ctx.close();
        }
    }
}
