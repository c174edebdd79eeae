package io.everwire.transport;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.session.UpgradeStep;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * What lies between a TCP connection and the opening handshake: the proxy's tunnel, then TLS, each only when it is asked for. Then it
 * leaves the pipeline. In plain text it stays until the first bytes, which tell a server that speaks TLS.
 */
final class Approach extends ChannelInboundHandlerAdapter {
    private static final int TLS_ALERT = 0x15;
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int TLS_MAJOR_VERSION = 3;

    private final ConnectRequest request;
    private final String host;
    private final @Nullable ProxyServer proxy;
    private final ClientTls tls;
    private final Outcome outcome;
    private UpgradeStep step = UpgradeStep.TUNNEL;
    private boolean isOver;

    /** What comes of it: steps, then one of the other two, once. */
    interface Outcome {
        void reached(UpgradeStep step);

        /** The way to the server is free. */
        void arrived();

        void failed(Failure failure);
    }

    Approach(ConnectRequest request, @Nullable ProxyServer proxy, ClientTls tls, Outcome outcome) {
        this.request = request;
        this.host = ClientTls.nameOf(request.uri().getHost());
        this.proxy = proxy;
        this.tls = tls;
        this.outcome = outcome;
    }

    /** Begins on a connected channel, of which it is the last handler. */
    void begin(Channel channel) {
        channel.pipeline().addLast(this);
        channel.config().setAutoRead(true);
        ChannelHandlerContext ctx = channel.pipeline().context(this);
        if (proxy == null) {
            secure(ctx);
            return;
        }
        outcome.reached(UpgradeStep.TUNNEL);
        // In a turn of its own: a channel that has just connected is yet to tell its handlers, and Netty's would ask
        // twice.
        channel.eventLoop().execute(() -> tunnel(ctx, proxy));
    }

    private void tunnel(ChannelHandlerContext ctx, ProxyServer by) {
        if (isOver) {
            return;
        }
        ProxyTunnel.open(ctx, by, host, request.port(), failure -> {
            if (failure == null) {
                secure(ctx);
            } else {
                fail(ctx, failure);
            }
        });
    }

    private void secure(ChannelHandlerContext ctx) {
        if (isOver) {
            return;
        }
        if (!request.isSecure()) {
            step = UpgradeStep.REQUEST;
            outcome.reached(step);
            outcome.arrived();
            return;
        }
        step = UpgradeStep.TLS;
        outcome.reached(step);
        SslHandler handler;
        try {
            handler = tls.handlerFor(host, request.port());
        } catch (IllegalArgumentException | IllegalStateException e) {
            // The host is no name for TLS, or the application's own context is not ready: no attempt would go better.
            fail(
                    ctx,
                    Failure.of(
                            Failure.Kind.TLS,
                            "TLS with " + host + " port " + request.port() + " cannot begin: "
                                    + Texts.printable(String.valueOf(e.getMessage()))));
            return;
        }
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                handleSecured(ctx, handler);
            } else {
                fail(ctx, TlsFailures.of(done.cause(), host, request.port()));
            }
        });
        ctx.pipeline().addBefore(ctx.name(), null, handler);
    }

    private void handleSecured(ChannelHandlerContext ctx, SslHandler handler) {
        String complaint = ClientTls.complaintAbout(handler, host);
        if (complaint != null) {
            fail(ctx, Failure.of(Failure.Kind.CERTIFICATE, complaint));
        } else if (!isOver) {
            step = UpgradeStep.REQUEST;
            outcome.reached(step);
            ctx.pipeline().remove(this);
            outcome.arrived();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object received) {
        if (isOver || step != UpgradeStep.REQUEST) {
            ReferenceCountUtil.release(received);
            return;
        }
        if (received instanceof ByteBuf bytes && isTls(bytes)) {
            bytes.release();
            fail(
                    ctx,
                    Failure.of(
                            Failure.Kind.BAD_HANDSHAKE,
                            host + " port " + request.port() + " answered plain text in TLS; is it wss://?"));
            return;
        }
        ctx.pipeline().remove(this);
        ctx.fireChannelRead(received);
    }

    private static boolean isTls(ByteBuf bytes) {
        int index = bytes.readerIndex();
        if (bytes.readableBytes() < 2) {
            return false;
        }
        int type = bytes.getByte(index);
        return (type == TLS_ALERT || type == TLS_HANDSHAKE) && bytes.getByte(index + 1) == TLS_MAJOR_VERSION;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (step == UpgradeStep.REQUEST) {
            ctx.fireChannelInactive();
            return;
        }
        fail(
                ctx,
                Failure.of(
                        step == UpgradeStep.TUNNEL ? Failure.Kind.PROXY : Failure.Kind.CONNECTION_LOST,
                        (step == UpgradeStep.TUNNEL ? "the proxy" : host)
                                + " closed the connection before the upgrade"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (step == UpgradeStep.REQUEST) {
            ctx.fireExceptionCaught(cause);
        } else if (step == UpgradeStep.TLS) {
            fail(ctx, TlsFailures.of(cause, host, request.port()));
        } else {
            fail(ctx, Failure.of(Failure.Kind.PROXY, "the connection to the proxy was lost: " + Texts.describe(cause)));
        }
    }

    private void fail(ChannelHandlerContext ctx, Failure failure) {
        if (!isOver) {
            isOver = true;
            ctx.close();
            outcome.failed(failure);
        }
    }
}
