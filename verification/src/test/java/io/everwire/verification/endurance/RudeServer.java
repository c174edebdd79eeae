package io.everwire.verification.endurance;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that does one rude thing to everybody, thousands of times a second. */
final class RudeServer implements AutoCloseable {
    private static final Pattern KEY =
            Pattern.compile("^sec-websocket-key: *(\\S+)", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, (ThreadFactory) RudeServer::thread, NioIoHandler.newFactory());
    private final Channel listening;

    /** What it does. */
    enum Manner {
        /** Accepts and closes. */
        CLOSE_AT_ONCE,
        /** Refuses the upgrade with 503. */
        ANSWER_503,
        /** Upgrades, and resets the connection when the first frame comes. */
        RESET_AFTER_UPGRADE
    }

    RudeServer(Manner manner) {
        listening = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1_024)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline().addLast(new Visit(manner));
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    private static Thread thread(Runnable task) {
        return new Thread(task, "rude-server");
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static final class Visit extends SimpleChannelInboundHandler<ByteBuf> {
        private final Manner manner;
        private final StringBuilder head = new StringBuilder();
        private boolean isUpgraded;

        Visit(Manner manner) {
            this.manner = manner;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (manner == Manner.CLOSE_AT_ONCE) {
                ctx.close();
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
            if (isUpgraded) {
                ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                ctx.close();
                return;
            }
            head.append(bytes.toString(StandardCharsets.ISO_8859_1));
            if (head.indexOf(END_OF_HEAD) < 0) {
                return;
            }
            if (manner == Manner.ANSWER_503) {
                String refusal =
                        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close" + END_OF_HEAD;
                ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), refusal))
                        .addListener(ChannelFutureListener.CLOSE);
            } else {
                isUpgraded = true;
                ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), upgrade(head)));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The client hung up first, which is one of its rights.
            ctx.close();
        }
    }

    private static String upgrade(CharSequence request) {
        Matcher key = KEY.matcher(request);
        if (!key.find()) {
            throw new IllegalArgumentException("no key in " + request);
        }
        try {
            byte[] text = (key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
            String accept = Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
            return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + accept + END_OF_HEAD;
        } catch (NoSuchAlgorithmException e) {
            throw new LinkageError("every Java runtime has SHA-1", e);
        }
    }
}
