package io.everwire.verification.interop;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One end of a connection of Jakarta WebSocket, whichever container runs it. */
final class JakartaEndpoint extends Endpoint {
    private static final int LARGEST_MESSAGE = 1 << 20;

    private final Peer peer;

    JakartaEndpoint(Peer peer) {
        this.peer = peer;
    }

    @Override
    public void onOpen(Session session, EndpointConfig config) {
        // The containers' own limit is 8 KiB.
        session.setMaxTextMessageBufferSize(LARGEST_MESSAGE);
        session.setMaxBinaryMessageBufferSize(LARGEST_MESSAGE);
        Orders.Line line = new JakartaLine(session);
        session.addMessageHandler(String.class, (MessageHandler.Whole<String>) text -> obey(text, line));
        session.addMessageHandler(ByteBuffer.class, (MessageHandler.Whole<ByteBuffer>) payload -> {
            try {
                session.getBasicRemote().sendBinary(payload);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        session.addMessageHandler(PongMessage.class, (MessageHandler.Whole<PongMessage>)
                pong -> send("pong " + StandardCharsets.UTF_8.decode(pong.getApplicationData()), line));
    }

    private static void obey(String text, Orders.Line line) {
        try {
            Orders.obey(text, line);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void send(String text, Orders.Line line) {
        try {
            line.send(text);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void onClose(Session session, CloseReason reason) {
        peer.sawEnd(reason.getCloseCode().getCode(), reason.getReasonPhrase());
    }

    private record JakartaLine(Session session) implements Orders.Line {
        @Override
        public void send(String text) throws IOException {
            session.getBasicRemote().sendText(text);
        }

        @Override
        public void send(List<String> parts) throws IOException {
            for (int i = 0; i < parts.size(); i++) {
                session.getBasicRemote().sendText(parts.get(i), i == parts.size() - 1);
            }
        }

        @Override
        public void ping(String payload) throws IOException {
            session.getBasicRemote().sendPing(StandardCharsets.UTF_8.encode(payload));
        }

        @Override
        public void close(int code, String reason) throws IOException {
            session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(code), reason));
        }

        @Override
        public String subprotocol() {
            return session.getNegotiatedSubprotocol();
        }
    }
}
