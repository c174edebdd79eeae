package io.everwire.transport;

import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.protocol.OpeningHandshake;
import io.everwire.protocol.ServerVerdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the opening handshake: reads one request within its deadline and limits, asks the {@link Admission}, and
 * either hands the channel to a new session or answers with a status and a sentence and closes.
 */
public final class ServerUpgrade extends ChannelInboundHandlerAdapter {
    private final EventLoops loops;
    private final Limits limits;
    private final Admission admission;
    private final HttpRequestDecoder decoder;
    private final HttpResponseEncoder encoder = new HttpResponseEncoder();
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable HttpRequest request;
    private boolean isAnswered;

    /** Decides who may enter. Runs on the event loop and must not block. */
    @FunctionalInterface
    public interface Admission {
        /**
         * Judges a request that is a valid upgrade.
         *
         * @param handshake what was asked; no subprotocol is agreed on yet
         * @param subprotocols what the client offers, its preferred one first
         */
        Answer judge(Handshake handshake, List<String> subprotocols);
    }

    /** What an admission answers: {@link #accept} or {@link #refuse}. */
    public static final class Answer {
        private final ServerSession.@Nullable Config config;
        private final @Nullable String subprotocol;
        private final Entry entry;
        private final int status;
        private final String reason;

        private Answer(
                ServerSession.@Nullable Config config,
                @Nullable String subprotocol,
                Entry entry,
                int status,
                String reason) {
            this.config = config;
            this.subprotocol = subprotocol;
            this.entry = entry;
            this.status = status;
            this.reason = reason;
        }

        /**
         * Lets the client in.
         *
         * @param config what its session is made of
         * @param subprotocol one of the offered ones, null for none
         * @param entry is told when the session begins and ends
         */
        public static Answer accept(ServerSession.Config config, @Nullable String subprotocol, Entry entry) {
            return new Answer(config, subprotocol, entry, 101, "");
        }

        /**
         * Turns the client away.
         *
         * @param status an HTTP status from 400 to 599
         * @param reason a sentence for the body, ASCII
         */
        public static Answer refuse(int status, String reason) {
            return new Answer(null, null, Entry.NONE, status, reason);
        }
    }

    /** Is told when a session begins and ends, on its event loop. */
    public interface Entry {
        /** Is told nothing. */
        Entry NONE = new Entry() {
            @Override
            public void began(ServerSession session) {}

            @Override
            public void ended(ServerSession session) {}
        };

        /** The session exists and has a connection; no callback of its listener has run yet. */
        void began(ServerSession session);

        /** The session's connection has ended. */
        void ended(ServerSession session);
    }

    private ServerUpgrade(EventLoops loops, Limits limits, Admission admission) {
        this.loops = loops;
        this.limits = limits;
        this.admission = admission;
        decoder = HttpHeads.requestDecoder(limits);
    }

    /** Prepares an accepted channel. */
    public static void install(Channel channel, EventLoops loops, Limits limits, Admission admission) {
        KernelProgress.configure(channel);
        ServerUpgrade upgrade = new ServerUpgrade(loops, limits, admission);
        channel.pipeline().addLast(upgrade.decoder, upgrade.encoder, upgrade);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        // Absolute, not per read: a request that drips in byte by byte does not extend it.
        deadline = ctx.executor()
                .schedule(() -> ctx.close(), limits.handshakeTimeout().toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        cancelDeadline();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancelDeadline();
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (isAnswered) {
                return;
            }
            if (message instanceof HttpRequest head) {
                request = head;
                if (head.decoderResult().isFailure()) {
                    refuseUndecodable(ctx, head.decoderResult());
                    return;
                }
                judge(ctx, head);
            } else if (message instanceof LastHttpContent && request != null) {
                upgrade(ctx, request);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void refuseUndecodable(ChannelHandlerContext ctx, DecoderResult result) {
        if (result.cause() instanceof TooLongHttpLineException) {
            refuse(ctx, 414, "the request line is longer than " + limits.headerLineBytes() + " bytes", Map.of());
        } else if (result.cause() instanceof TooLongHttpHeaderException) {
            refuse(ctx, 431, "the headers are longer than " + limits.headerBytes() + " bytes", Map.of());
        } else {
            refuse(ctx, 400, "this is not an HTTP request", Map.of());
        }
    }

    /** Judges the head as soon as it is complete: a body is refused before its first byte. */
    private void judge(ChannelHandlerContext ctx, HttpRequest head) {
        if (head.headers().size() > limits.headerLines()) {
            refuse(ctx, 431, "more than " + limits.headerLines() + " header lines", Map.of());
            return;
        }
        for (Map.Entry<String, String> header : head.headers()) {
            if (header.getKey().length() + header.getValue().length() + 2 > limits.headerLineBytes()) {
                refuse(ctx, 431, "a header line is longer than " + limits.headerLineBytes() + " bytes", Map.of());
                return;
            }
        }
        ServerVerdict verdict = OpeningHandshake.judgeRequest(HttpHeads.of(head));
        if (!verdict.isAcceptable()) {
            refuse(ctx, verdict.status(), verdict.reason(), verdict.headers());
        }
    }

    private void upgrade(ChannelHandlerContext ctx, HttpRequest head) {
        List<String> offered;
        try {
            offered = OpeningHandshake.parseSubprotocols(head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        } catch (IllegalArgumentException e) {
            refuse(ctx, 400, String.valueOf(e.getMessage()), Map.of());
            return;
        }
        Handshake asked = handshakeOf(ctx, head, null);
        Answer answer;
        try {
            answer = admission.judge(asked, offered);
        } catch (RuntimeException e) {
            ctx.fireExceptionCaught(e);
            refuse(ctx, 500, "the server failed to judge the request", Map.of());
            return;
        }
        ServerSession.Config config = answer.config;
        if (config == null) {
            refuse(ctx, answer.status, answer.reason, Map.of());
        } else {
            accept(ctx, head, answer, config);
        }
    }

    private void accept(ChannelHandlerContext ctx, HttpRequest head, Answer answer, ServerSession.Config config) {
        isAnswered = true;
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        String key = head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY).trim();
        response.headers()
                .set(HttpHeaderNames.UPGRADE, "websocket")
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, OpeningHandshake.accept(key));
        if (answer.subprotocol != null) {
            response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, answer.subprotocol);
        }
        ServerSession session = new ServerSession(config, loops, ctx.channel(), answer.entry::ended);
        Connection connection = session.begin(ctx.channel(), handshakeOf(ctx, head, answer.subprotocol));
        // Known to the server before the client knows of it: a server that stops now must not miss it.
        answer.entry.began(session);
        ctx.writeAndFlush(response, ctx.voidPromise());
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.addLast(connection);
        session.start(connection);
        pipeline.remove(this);
        pipeline.remove(encoder);
        // Last: it forwards the bytes behind the request, which are frames already.
        pipeline.remove(decoder);
    }

    private static Handshake handshakeOf(ChannelHandlerContext ctx, HttpRequest head, @Nullable String subprotocol) {
        String target = head.uri();
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return new Handshake(
                path.isEmpty() ? "/" : path,
                query < 0 ? "" : target.substring(query + 1),
                HttpHeads.copy(head.headers()),
                (InetSocketAddress) ctx.channel().remoteAddress(),
                subprotocol);
    }

    private void refuse(ChannelHandlerContext ctx, int status, String reason, Map<String, String> headers) {
        isAnswered = true;
        ByteBuf body = Unpooled.copiedBuffer(reason + "\n", StandardCharsets.UTF_8);
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), body);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        headers.forEach((name, value) -> response.headers().set(name, value));
        // An immediate close could turn into a reset that destroys the answer while the client still sends.
        ctx.writeAndFlush(response).addListener(written -> {
            if (ctx.channel() instanceof DuplexChannel duplex && duplex.isActive()) {
                duplex.shutdownOutput();
            }
            ctx.executor().schedule(() -> ctx.close(), limits.closeTimeout().toNanos(), TimeUnit.NANOSECONDS);
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
