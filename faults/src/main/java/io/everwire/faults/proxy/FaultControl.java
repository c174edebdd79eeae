package io.everwire.faults.proxy;

import io.everwire.faults.Fault;
import io.everwire.faults.FaultPlan;
import io.everwire.faults.Heal;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.CharsetUtil;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/**
 * The control port of a {@link FaultProxy}: HTTP on 127.0.0.1.
 *
 * <ul>
 *   <li>{@code GET /} answers with the {@link ProxyState} as JSON.
 *   <li>{@code POST /fault} with a fault as its body, such as {@code delay 200ms}, applies it and answers when it has
 *       taken effect. With lines of a plan as its body, such as {@code +2s blackhole}, it starts the plan and answers
 *       202 at once.
 *   <li>{@code POST /heal} ends every fault.
 * </ul>
 *
 * <p>Anything else is answered with a sentence: 400 for a body that is no fault, 404, 405, 500 for a fault
 * that fails; more than 16 KiB get a bare 413. A request with an {@code Origin} is answered with 403, because a web page in somebody's
 * browser has no business here.
 */
public final class FaultControl implements AutoCloseable {

    private static final int BODY_BYTES = 16 * 1024;

    private final FaultProxy proxy;
    private final ChannelGroup channels;
    private final int port;

    private FaultControl(FaultProxy proxy, ChannelGroup channels, int port) {
        this.proxy = proxy;
        this.channels = channels;
        this.port = port;
    }

    /**
     * Opens a control port, served by the proxy's event loop and closed together with the proxy.
     *
     * @param proxy what to control
     * @param port the TCP port; 0 takes a free one
     * @return the control port
     * @throws IllegalArgumentException if the port is outside 0 to 65535
     * @throws IllegalStateException if the proxy is closed
     * @throws java.io.UncheckedIOException if the port is taken or cannot be bound for another reason
     */
    public static FaultControl listen(FaultProxy proxy, int port) {
        InetSocketAddress address = new InetSocketAddress(NetUtil.LOCALHOST4, port);
        ChannelGroup channels = new DefaultChannelGroup(proxy.loop(), true);
        ChannelFuture bound = new ServerBootstrap()
                .group(proxy.loop())
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channels.add(channel);
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpServerKeepAliveHandler())
                                .addLast(new HttpObjectAggregator(BODY_BYTES, true))
                                .addLast(new Requests(proxy));
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        Throwable failure = bound.cause();
        if (failure != null) {
            throw Failures.cannotListen(address, failure);
        }
        Channel server = bound.channel();
        channels.add(server);
        proxy.onClose(() -> Uncaught.watch(channels.close()));
        return new FaultControl(proxy, channels, ((InetSocketAddress) server.localAddress()).getPort());
    }

    /** The TCP port on which requests are answered. */
    public int port() {
        return port;
    }

    /** Stops answering; the proxy goes on. Closing twice, or after the proxy, is fine. */
    @Override
    public void close() {
        if (!proxy.loop().isShuttingDown()) {
            Uncaught.watch(channels.close());
        }
    }

    private static final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {

        private final FaultProxy proxy;

        Requests(FaultProxy proxy) {
            this.proxy = proxy;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            if (request.decoderResult().isFailure()) {
                answer(ctx, HttpResponseStatus.BAD_REQUEST, "this is not HTTP");
            } else if (request.headers().contains(HttpHeaderNames.ORIGIN)) {
                answer(ctx, HttpResponseStatus.FORBIDDEN, "web pages may not control this proxy");
            } else {
                route(ctx, request);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            Uncaught.watch(ctx.close());
        }

        private void route(ChannelHandlerContext ctx, FullHttpRequest request) {
            switch (request.uri()) {
                case "/" -> {
                    if (allows(ctx, request, HttpMethod.GET)) {
                        answerState(ctx, HttpResponseStatus.OK);
                    }
                }
                case "/fault" -> {
                    if (allows(ctx, request, HttpMethod.POST)) {
                        apply(ctx, request.content().toString(CharsetUtil.UTF_8).strip());
                    }
                }
                case "/heal" -> {
                    if (allows(ctx, request, HttpMethod.POST)) {
                        apply(ctx, new Heal());
                    }
                }
                default ->
                    answer(
                            ctx,
                            HttpResponseStatus.NOT_FOUND,
                            "there is nothing here; try GET /, POST /fault or POST /heal");
            }
        }

        private static boolean allows(ChannelHandlerContext ctx, FullHttpRequest request, HttpMethod method) {
            if (request.method().equals(method)) {
                return true;
            }
            DefaultFullHttpResponse response =
                    text(HttpResponseStatus.METHOD_NOT_ALLOWED, "%s wants %s".formatted(request.uri(), method));
            response.headers().set(HttpHeaderNames.ALLOW, method.name()); // RFC 9110 §15.5.6
            send(ctx, response);
            return false;
        }

        private void apply(ChannelHandlerContext ctx, String body) {
            try {
                if (body.startsWith("+")) {
                    proxy.run(FaultPlan.parse(body)).whenComplete((done, failure) -> {
                        if (failure != null) {
                            Uncaught.report(failure);
                        }
                    });
                    answerState(ctx, HttpResponseStatus.ACCEPTED);
                } else {
                    apply(ctx, Fault.parse(body));
                }
            } catch (IllegalArgumentException wrong) {
                answer(ctx, HttpResponseStatus.BAD_REQUEST, String.valueOf(wrong.getMessage()));
            }
        }

        private void apply(ChannelHandlerContext ctx, Fault fault) {
            proxy.change(fault).addListener(changed -> {
                Throwable failure = changed.cause();
                if (failure == null) {
                    answerState(ctx, HttpResponseStatus.OK);
                } else {
                    String sentence = String.valueOf(
                            Failures.cannotListen(proxy.address(), failure).getMessage());
                    answer(ctx, HttpResponseStatus.INTERNAL_SERVER_ERROR, sentence);
                }
            });
        }

        private void answerState(ChannelHandlerContext ctx, HttpResponseStatus status) {
            send(ctx, response(status, "application/json", proxy.state().toJson()));
        }

        private static void answer(ChannelHandlerContext ctx, HttpResponseStatus status, String sentence) {
            send(ctx, text(status, sentence));
        }

        private static void send(ChannelHandlerContext ctx, DefaultFullHttpResponse response) {
            ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }

        private static DefaultFullHttpResponse text(HttpResponseStatus status, String sentence) {
            return response(status, "text/plain; charset=utf-8", sentence);
        }

        private static DefaultFullHttpResponse response(HttpResponseStatus status, String type, String body) {
            DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(body + "\n", CharsetUtil.UTF_8));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, type)
                    .set("X-Content-Type-Options", "nosniff")
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
            return response;
        }
    }
}
