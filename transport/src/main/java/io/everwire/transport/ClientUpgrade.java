package io.everwire.transport;

import io.everwire.CompressionPolicy;
import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.protocol.ClientVerdict;
import io.everwire.protocol.OpeningHandshake;
import io.everwire.protocol.PermessageDeflate;
import io.everwire.session.Redirect;
import io.everwire.session.UpgradeStep;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's side of the opening handshake (RFC 6455 §4.1): writes the request, judges the answer. Its deadline is the
 * attempt's, kept by the reconnect engine.
 */
final class ClientUpgrade extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ClientUpgrade.class);

    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,10}");

    private final ConnectRequest request;
    private final Route route;
    private final Limits limits;
    private final Outcome outcome;
    private final String key = Base64.getEncoder().encodeToString(MaskingKeys.drawKey());
    private final HttpResponseDecoder decoder;
    private final HttpRequestEncoder encoder = new HttpRequestEncoder();
    private List<String> offered = List.of();
    private @Nullable Handshake agreed;
    private boolean isOver;

    /**
     * What lies on the way to the server.
     *
     * @param proxy the proxy that the channel is connected to, null for none
     * @param ticket what the server has given for this time, null for nothing
     * @param compression what is offered to the server, null for nothing
     */
    record Route(
            @Nullable ProxyServer proxy,
            ClientTls tls,
            Cookies cookies,
            @Nullable String ticket,
            @Nullable CompressionPolicy compression) {}

    /** What comes of an upgrade; steps, then one of the other three, once. */
    interface Outcome {
        void reached(UpgradeStep step);

        /** Returns the subprotocols to be offered; asked for once, when the request is written. */
        List<String> subprotocols();

        /** Returns the channel's new handler, null when nobody wants the connection any more. */
        @Nullable Connection upgraded(Channel channel, Handshake handshake);

        void failed(Failure failure);

        /** The server has put us off, and this is to be shown to it when the time has come; {@link #failed} follows. */
        void putOff(String ticket);

        /**
         * The server redirected us; the connection is closed.
         *
         * @param location where to, null when the server did not say
         * @param failure the failure that it is when the redirect is not followed
         */
        void redirected(@Nullable String location, Failure failure);
    }

    ClientUpgrade(ConnectRequest request, Route route, Limits limits, Outcome outcome) {
        this.request = request;
        this.route = route;
        this.limits = limits;
        this.outcome = outcome;
        decoder = HttpHeads.responseDecoder(limits);
    }

    /** Begins on a connected channel: first the way to the server, then the request. */
    void begin(Channel channel) {
        Approach approach = new Approach(request, route.proxy(), route.tls(), new Approach.Outcome() {
            @Override
            public void reached(UpgradeStep step) {
                if (!isOver) {
                    outcome.reached(step);
                }
            }

            @Override
            public void arrived() {
                if (!isOver) {
                    write(channel);
                }
            }

            @Override
            public void failed(Failure failure) {
                if (!isOver) {
                    isOver = true;
                    outcome.failed(failure);
                }
            }
        });
        approach.begin(channel);
    }

    private void write(Channel channel) {
        channel.pipeline().addLast(decoder, encoder, this);
        URI uri = request.uri();
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        DefaultFullHttpRequest head =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target, Unpooled.EMPTY_BUFFER);
        String host = uri.getPort() == -1 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
        head.headers()
                .set(HttpHeaderNames.HOST, host)
                .set(HttpHeaderNames.UPGRADE, "websocket")
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key)
                .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        offered = outcome.subprotocols();
        if (!offered.isEmpty()) {
            head.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, String.join(", ", offered));
        }
        CompressionPolicy compression = route.compression();
        if (compression != null) {
            head.headers().set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, PermessageDeflate.offer(compression));
        }
        for (Map.Entry<String, String> header : request.headers()) {
            head.headers().add(header.getKey(), header.getValue());
        }
        if (route.ticket() != null) {
            head.headers().set(Ticket.HEADER, route.ticket());
        }
        try {
            route.cookies().addTo(head.headers(), request);
        } catch (IOException | RuntimeException e) {
            isOver = true;
            channel.close();
            outcome.failed(Failure.of(
                    Failure.Kind.CREDENTIALS,
                    "the application's cookie handler failed: " + e.getClass().getName()));
            return;
        }
        channel.writeAndFlush(head, channel.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (isOver) {
                return;
            }
            if (message instanceof HttpResponse response) {
                judge(ctx, response);
            } else if (message instanceof LastHttpContent && agreed != null) {
                swap(ctx, agreed);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void judge(ChannelHandlerContext ctx, HttpResponse response) {
        if (response.decoderResult().isFailure()) {
            fail(
                    ctx,
                    Failure.of(
                            Failure.Kind.BAD_HANDSHAKE,
                            "the answer to the upgrade is no HTTP response within the limits ("
                                    + limits.headerLineBytes() + " bytes a line, " + limits.headerBytes()
                                    + " in all); does a WebSocket server listen there?"));
            return;
        }
        store(response);
        int status = response.status().code();
        if (Redirect.isRedirect(status)) {
            isOver = true;
            ctx.close();
            Failure failure = Failure.ofHttpStatus(status, describe(response), retryAfter(response));
            outcome.redirected(response.headers().get(HttpHeaderNames.LOCATION), failure);
            return;
        }
        if (status != 101) {
            handleRefused(ctx, status, response);
            return;
        }
        ClientVerdict verdict =
                OpeningHandshake.judgeResponse(HttpHeads.of(response), key, offered, route.compression() != null);
        String failure = verdict.failure();
        if (failure == null && response.headers().size() > limits.headerLines()) {
            failure = "the answer to the upgrade has more than " + limits.headerLines() + " header lines";
        }
        if (failure != null) {
            fail(ctx, Failure.of(Failure.Kind.BAD_HANDSHAKE, failure));
            return;
        }
        agreed = new Handshake(
                request.uri().getRawPath() == null || request.uri().getRawPath().isEmpty()
                        ? "/"
                        : request.uri().getRawPath(),
                request.uri().getRawQuery() == null ? "" : request.uri().getRawQuery(),
                HttpHeads.copy(response.headers()),
                (InetSocketAddress) ctx.channel().remoteAddress(),
                verdict.subprotocol(),
                (InetSocketAddress) ctx.channel().remoteAddress(),
                null,
                verdict.extension());
    }

    private void handleRefused(ChannelHandlerContext ctx, int status, HttpResponse response) {
        Duration named = retryAfter(response);
        String ticket = response.headers().get(Ticket.HEADER);
        if (isOver || named == null || ticket == null || !Ticket.isOne(ticket)) {
            fail(ctx, Failure.ofHttpStatus(status, describe(response), named));
            return;
        }
        outcome.putOff(ticket);
        fail(ctx, Failure.ofSlot(status, "the server has too much to do and answered " + status, named));
    }

    private void store(HttpResponse response) {
        try {
            route.cookies().store(response.headers(), request);
        } catch (IOException | RuntimeException e) {
            // A cookie less is the application's loss; the answer stands.
            LOG.debug("the application's cookie handler failed", e);
        }
    }

    private static String describe(HttpResponse response) {
        String type = response.headers().get(HttpHeaderNames.CONTENT_TYPE);
        String location = response.headers().get(HttpHeaderNames.LOCATION);
        String text = "the server answered " + response.status().code() + " "
                + Texts.printable(response.status().reasonPhrase())
                + (type == null ? "" : " (" + Texts.printable(type) + ")")
                + " instead of 101 Switching Protocols";
        return location == null ? text + "; check the URL's scheme, port and path" : text;
    }

    /** Reads Retry-After-Ms, which is not in any RFC, or else Retry-After (RFC 9110 §10.2.3): seconds or a date. */
    static @Nullable Duration retryAfter(HttpResponse response) {
        String millis = response.headers().get(Ticket.RETRY_AFTER_MS);
        if (millis != null && MILLIS.matcher(millis).matches()) {
            return Duration.ofMillis(Long.parseLong(millis));
        }
        String value = response.headers().get(HttpHeaderNames.RETRY_AFTER);
        if (value == null || value.length() > 64) {
            return null;
        }
        if (value.chars().allMatch(c -> c >= '0' && c <= '9') && !value.isEmpty()) {
            return value.length() > 6 ? Duration.ofDays(1) : Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant date = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
            return Duration.ofMillis(Math.max(0, date.toEpochMilli() - RealClock.epochMillis()));
        } catch (DateTimeException e) {
            // Neither form of the header: the server named no time.
            return null;
        }
    }

    private void swap(ChannelHandlerContext ctx, Handshake handshake) {
        isOver = true;
        Connection connection = outcome.upgraded(ctx.channel(), handshake);
        if (connection == null) {
            ctx.close();
            return;
        }
        ctx.pipeline().remove(this);
        ctx.pipeline().remove(encoder);
        // Last: it forwards the bytes behind the response, which are frames already.
        ctx.pipeline().remove(decoder);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(
                ctx,
                Failure.of(
                        Failure.Kind.CONNECTION_LOST,
                        "the server closed the connection without answering the upgrade"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (TlsFailures.isOfTls(cause)) {
            // In TLS 1.3 the server judges our certificate after our side of the handshake is done.
            fail(ctx, TlsFailures.of(cause, ClientTls.nameOf(request.uri().getHost()), request.port()));
            return;
        }
        fail(
                ctx,
                Failure.of(
                        Failure.Kind.CONNECTION_LOST,
                        "the connection was lost during the upgrade: " + Texts.describe(cause)));
    }

    private void fail(ChannelHandlerContext ctx, Failure failure) {
        if (!isOver) {
            isOver = true;
            ctx.close();
            outcome.failed(failure);
        }
    }

    /** Fails an upgrade whose connection ended before the request could be written. */
    void failBeforeBegin() {
        if (!isOver) {
            isOver = true;
            outcome.failed(
                    Failure.of(Failure.Kind.CONNECTION_LOST, "the server closed the connection before the upgrade"));
        }
    }

    /** Gives the upgrade up without a word. */
    void cancel() {
        isOver = true;
    }
}
