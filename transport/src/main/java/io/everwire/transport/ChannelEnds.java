package io.everwire.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;

/** How a channel is ended, in plain text and in TLS. */
final class ChannelEnds {
    private ChannelEnds() {}

    /**
     * Ends what we send, and goes on reading. In TLS the peer is told by a close_notify first (RFC 8446 §6.1): without one it could not
     * tell our end from a cut.
     */
    static void shutdownOutput(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            shutdownTcp(channel);
        } else {
            tls.closeOutbound().addListener(sent -> shutdownTcp(channel));
        }
    }

    private static void shutdownTcp(Channel channel) {
        if (channel instanceof DuplexChannel duplex && duplex.isActive() && !duplex.isOutputShutdown()) {
            duplex.shutdownOutput();
        }
    }

    /** Says in TLS that nothing more comes from us (close_notify); in plain text there is nothing to say. */
    static void sayGoodbye(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        }
    }

    /**
     * Takes the peer's close_notify for its end, as the end of a TCP stream is: it may leave the TCP connection open, and nothing more
     * would come. Whatever the peer sent before has been read by then.
     */
    static void endWithGoodbye(SslHandler tls) {
        tls.sslCloseFuture().addListener((Future<Channel> told) -> {
            if (told.isSuccess()) {
                told.getNow().close();
            }
        });
    }

    /** Ends everything at once, with a reset. */
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        // Not by way of TLS, which would wait until a close_notify is written.
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }
}
