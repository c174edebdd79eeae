package io.everwire.verification.interop;

import io.undertow.Undertow;
import io.undertow.Version;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.StreamSinkFrameChannel;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSocketFrameType;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.channels.Channels;

/** Undertow, with its own API. */
final class UndertowServer extends PeerServer {
    private static final @Nullable WebSocketCallback<Void> NOBODY = null;

    private @Nullable Undertow server;
    private @Nullable WebSocketProtocolHandshakeHandler handler;

    UndertowServer() {
        super("Undertow", Wire.WS);
    }

    @Override
    void require() {
        // A dependency of these tests.
    }

    @Override
    String version() {
        return Version.getVersionString();
    }

    @Override
    int start(int port) {
        WebSocketProtocolHandshakeHandler upgrades = new WebSocketProtocolHandshakeHandler(
                List.of(new Hybi13Handshake(Set.of(Orders.SUBPROTOCOL), false)),
                (WebSocketConnectionCallback) (exchange, channel) -> {
                    channel.getReceiveSetter().set(new Listener());
                    channel.resumeReceives();
                });
        handler = upgrades;
        Undertow started = Undertow.builder()
                .addHttpListener(port, "127.0.0.1")
                .setIoThreads(1)
                .setWorkerThreads(2)
                .setHandler(upgrades)
                .build();
        server = started;
        started.start();
        return ((InetSocketAddress) started.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    void kill() {
        if (server != null && handler != null) {
            handler.getPeerConnections().forEach(IoUtils::safeClose);
            server.stop();
        }
    }

    private final class Listener extends AbstractReceiveListener {
        @Override
        protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) throws IOException {
            try {
                Orders.obey(message.getData(), new UndertowLine(channel));
            } catch (Exception e) {
                throw new IOException(e);
            }
        }

        @Override
        protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
            ByteBuffer copy = WebSockets.mergeBuffers(message.getData().getResource());
            message.getData().free();
            WebSockets.sendBinary(copy, channel, NOBODY);
        }

        @Override
        protected void onFullPongMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
            ByteBuffer payload = WebSockets.mergeBuffers(message.getData().getResource());
            message.getData().free();
            WebSockets.sendText("pong " + StandardCharsets.UTF_8.decode(payload), channel, NOBODY);
        }

        @Override
        protected void onCloseMessage(CloseMessage message, WebSocketChannel channel) {
            sawEnd(message.getCode(), message.getReason());
        }
    }

    private record UndertowLine(WebSocketChannel channel) implements Orders.Line {
        @Override
        public void send(String text) {
            WebSockets.sendText(text, channel, NOBODY);
        }

        /** A flush ends a frame. Waits, and so on a thread of its own. */
        @Override
        public void send(List<String> parts) {
            channel.getWorker().execute(() -> {
                try (StreamSinkFrameChannel message = channel.send(WebSocketFrameType.TEXT)) {
                    for (String part : parts) {
                        Channels.writeBlocking(message, StandardCharsets.UTF_8.encode(part));
                        Channels.flushBlocking(message);
                    }
                    message.shutdownWrites();
                    Channels.flushBlocking(message);
                } catch (IOException e) {
                    IoUtils.safeClose(channel);
                }
            });
        }

        @Override
        public void ping(String payload) {
            WebSockets.sendPing(StandardCharsets.UTF_8.encode(payload), channel, NOBODY);
        }

        @Override
        public void close(int code, String reason) {
            WebSockets.sendClose(code, reason, channel, NOBODY);
        }

        @Override
        public String subprotocol() {
            return channel.getSubProtocol();
        }
    }
}
