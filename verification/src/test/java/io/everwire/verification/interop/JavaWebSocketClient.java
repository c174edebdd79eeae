package io.everwire.verification.interop;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.protocols.IProtocol;
import org.java_websocket.protocols.Protocol;

/** Java-WebSocket's client. */
final class JavaWebSocketClient extends PeerClient {
    private final List<Connection> open = new CopyOnWriteArrayList<>();

    JavaWebSocketClient() {
        super("Java-WebSocket", Wire.WS);
    }

    @Override
    void require() {
        // A dependency of these tests.
    }

    @Override
    String version() {
        return jarVersion(WebSocketClient.class);
    }

    @Override
    void dial(String url) {
        List<IProtocol> offered =
                Orders.OFFERED.stream().<IProtocol>map(Protocol::new).toList();
        Connection connection = new Connection(URI.create(url), new Draft_6455(List.of(), offered));
        open.add(connection);
        connection.connect();
    }

    @Override
    void kill() throws Exception {
        for (Connection connection : open) {
            connection.getSocket().close();
        }
        open.clear();
    }

    private final class Connection extends WebSocketClient implements Orders.Line {
        private Connection(URI uri, Draft_6455 draft) {
            super(uri, draft);
        }

        @Override
        public void onOpen(ServerHandshake handshake) {
            // The server speaks first.
        }

        @Override
        public void onMessage(String text) {
            try {
                Orders.obey(text, this);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onMessage(ByteBuffer payload) {
            send(payload);
        }

        @Override
        public void onWebsocketPong(WebSocket connection, Framedata pong) {
            super.onWebsocketPong(connection, pong);
            send("pong " + StandardCharsets.UTF_8.decode(pong.getPayloadData()));
        }

        @Override
        public void onClose(int code, String reason, boolean isByPeer) {
            sawEnd(code, reason);
        }

        @Override
        public void onError(Exception error) {
            // The close follows.
        }

        @Override
        public void send(List<String> parts) {
            for (int i = 0; i < parts.size(); i++) {
                sendFragmentedFrame(Opcode.TEXT, StandardCharsets.UTF_8.encode(parts.get(i)), i == parts.size() - 1);
            }
        }

        @Override
        public void ping(String payload) {
            PingFrame ping = new PingFrame();
            ping.setPayload(StandardCharsets.UTF_8.encode(payload));
            sendFrame(ping);
        }

        @Override
        public String subprotocol() {
            return getProtocol().getProvidedProtocol();
        }
    }
}
