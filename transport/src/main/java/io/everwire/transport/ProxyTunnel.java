package io.everwire.transport;

import io.everwire.Failure;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandResponse;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5InitialResponse;
import io.netty.handler.codec.socksx.v5.Socks5Message;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthResponse;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthStatus;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks a proxy, on a connection to it, for a tunnel. Netty's handlers speak; what the proxy answers is read here before them, so that
 * a refusal is told by its status at once, whatever follows it. Limits of the answer: 4,096 bytes a line, 8,192 in all.
 */
final class ProxyTunnel extends ChannelInboundHandlerAdapter {
    private static final Set<Socks5CommandStatus> NOT_ALLOWED = Set.of(
            Socks5CommandStatus.FORBIDDEN,
            Socks5CommandStatus.COMMAND_UNSUPPORTED,
            Socks5CommandStatus.ADDRESS_UNSUPPORTED);

    private final ProxyServer proxy;
    private final String target;
    private final Consumer<@Nullable Failure> outcome;
    private boolean isOver;

    private ProxyTunnel(ProxyServer proxy, String target, Consumer<@Nullable Failure> outcome) {
        this.proxy = proxy;
        this.target = target;
        this.outcome = outcome;
    }

    /**
     * Asks for a tunnel to a host; the proxy resolves its name.
     *
     * @param before the handler that takes over once the tunnel is open
     * @param outcome is told null when it is, else why not, once; the channel is closed then
     */
    static void open(
            ChannelHandlerContext before,
            ProxyServer proxy,
            String host,
            int port,
            Consumer<@Nullable Failure> outcome) {
        Channel channel = before.channel();
        ChannelPipeline pipeline = channel.pipeline();
        ProxyHandler handler = handlerOf(proxy, channel.remoteAddress());
        // As for everything of an attempt, the reconnect engine has the deadline.
        handler.setConnectTimeoutMillis(0);
        // Netty's handler learns its target from a connect. The channel is connected already, so this one must lead
        // nowhere.
        Nowhere nowhere = new Nowhere();
        pipeline.addFirst(nowhere);
        try {
            handler.connect(before, addressOf(host, port), null, channel.newPromise());
        } catch (Exception e) {
            throw new AssertionError("the handler only notes the target and passes the connect on", e);
        }
        pipeline.remove(nowhere);
        ProxyTunnel tunnel = new ProxyTunnel(proxy, host + " port " + port, outcome);
        handler.connectFuture().addListener(done -> {
            if (done.isSuccess()) {
                pipeline.remove(tunnel);
                pipeline.remove(handler);
                tunnel.end(null);
            } else {
                tunnel.end(tunnel.lost(done.cause()));
            }
        });
        pipeline.addBefore(before.name(), null, handler);
        pipeline.addBefore(pipeline.context(handler).name(), null, tunnel);
    }

    private static ProxyHandler handlerOf(ProxyServer proxy, SocketAddress address) {
        String user = proxy.user();
        String password = proxy.password();
        boolean isKnown = user != null && password != null;
        if (proxy.kind() == ProxyServer.Kind.HTTP) {
            return isKnown ? new HttpProxyHandler(address, user, password) : new HttpProxyHandler(address);
        }
        return isKnown ? new Socks5ProxyHandler(address, user, password) : new Socks5ProxyHandler(address);
    }

    private static InetSocketAddress addressOf(String host, int port) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal == null) {
            return InetSocketAddress.createUnresolved(host, port);
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(literal), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Failure failure = isOver ? null : refusalIn(message);
        if (failure != null) {
            end(failure);
            ctx.close();
        }
        if (isOver) {
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private @Nullable Failure refusalIn(Object message) {
        if (message instanceof HttpResponse response) {
            return refusalIn(response);
        }
        if (message instanceof Socks5Message socks) {
            return socks.decoderResult().isFailure() ? noProxy() : refusalOfSocks(socks);
        }
        return null;
    }

    private @Nullable Failure refusalIn(HttpResponse response) {
        if (response.decoderResult().isFailure()) {
            return noProxy();
        }
        int status = response.status().code();
        if (status / 100 == 2) {
            // RFC 9110 §9.3.6: "Any 2xx (Successful) response indicates that the sender […] will switch to tunnel
            // mode".
            response.setStatus(HttpResponseStatus.OK);
            return null;
        }
        String answered = status + " " + Texts.printable(response.status().reasonPhrase());
        String sentence = status == 407
                ? proxy + " asks for " + (proxy.user() == null ? "a user and a password" : "another user or password")
                        + " (" + answered + ")"
                : proxy + " opened no tunnel to " + target + ": it answered " + answered;
        return Failure.ofProxyStatus(status, sentence, ClientUpgrade.retryAfter(response));
    }

    private @Nullable Failure refusalOfSocks(Socks5Message message) {
        if (message instanceof Socks5InitialResponse first && first.authMethod().equals(Socks5AuthMethod.UNACCEPTED)) {
            return refused(
                    proxy.user() == null ? " asks for a user and a password" : " takes no user and password of ours");
        }
        if (message instanceof Socks5PasswordAuthResponse second
                && !second.status().equals(Socks5PasswordAuthStatus.SUCCESS)) {
            return refused(" asks for another user or password");
        }
        if (message instanceof Socks5CommandResponse last && !last.status().equals(Socks5CommandStatus.SUCCESS)) {
            String sentence = " opened no tunnel to " + target + ": it answered " + last.status();
            return NOT_ALLOWED.contains(last.status())
                    ? refused(sentence)
                    : Failure.of(Failure.Kind.PROXY, proxy + sentence);
        }
        return null;
    }

    private Failure refused(String sentence) {
        return Failure.of(Failure.Kind.PROXY_REFUSED, proxy + sentence);
    }

    private Failure noProxy() {
        return refused(
                " did not answer as one within the limits (4096 bytes a line, 8192 in all); what listens there?");
    }

    /** Says how the connection to the proxy ended without a word; Netty's own messages would add addresses only. */
    private Failure lost(Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        return Failure.of(
                Failure.Kind.PROXY,
                proxy + " ended the connection before the tunnel to " + target + " was open"
                        + (root instanceof java.nio.channels.ClosedChannelException || root == cause
                                ? ""
                                : ": " + Texts.describe(root)));
    }

    private void end(@Nullable Failure failure) {
        if (!isOver) {
            isOver = true;
            outcome.accept(failure);
        }
    }

    /** Ends a connect that must not reach the transport. */
    private static final class Nowhere extends ChannelOutboundHandlerAdapter {
        @Override
        public void connect(
                ChannelHandlerContext ctx,
                SocketAddress remote,
                @Nullable SocketAddress local,
                ChannelPromise promise) {
            promise.setSuccess();
        }
    }
}
