package io.everwire.benchmarks.contestants;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;

/** Java-WebSocket, without its heartbeat. */
public final class JavaWebSocketServer implements EchoService {
    @Override
    public int start() throws Exception {
        Echo server = new Echo();
        server.setTcpNoDelay(true);
        server.setConnectionLostTimeout(0);
        server.setMaxPendingConnections(BACKLOG);
        server.start();
        if (!server.listening.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("Java-WebSocket does not listen after 30 s");
        }
        return server.getPort();
    }

    private static final class Echo extends WebSocketServer {
        private final CountDownLatch listening = new CountDownLatch(1);

        Echo() {
            super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        @Override
        public void onStart() {
            listening.countDown();
        }

        @Override
        public void onOpen(WebSocket connection, ClientHandshake handshake) {}

        @Override
        public void onMessage(WebSocket connection, String text) {
            connection.send(text);
        }

        @Override
        public void onMessage(WebSocket connection, ByteBuffer payload) {
            connection.send(payload);
        }

        @Override
        public void onClose(WebSocket connection, int code, String reason, boolean isRemote) {}

        @Override
        public void onError(WebSocket connection, Exception error) {}
    }
}
