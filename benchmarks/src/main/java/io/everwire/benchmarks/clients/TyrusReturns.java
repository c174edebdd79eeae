package io.everwire.benchmarks.clients;

import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import java.net.URI;
import org.glassfish.tyrus.client.ClientManager;
import org.glassfish.tyrus.client.ClientProperties;
import org.glassfish.tyrus.core.TyrusSession;
import org.jspecify.annotations.Nullable;

/**
 * Tyrus' client with its ReconnectHandler, which comes back after each loss and each failure, 5 s later, its own delay. It has its
 * own heartbeat, which is unanswered by design, and the time-out of Jakarta for an idle session, which its own sends put off.
 */
public final class TyrusReturns implements ReturningClient {
    private static final long HEARTBEAT_MILLIS = 5_000;
    private static final long IDLE_MILLIS = 7_000;

    private volatile @Nullable Session session;

    @Override
    public void start(String url, Diary diary) throws Exception {
        ClientManager client = ClientManager.createClient();
        client.getProperties().put(ClientProperties.RECONNECT_HANDLER, new ClientManager.ReconnectHandler() {
            @Override
            public boolean onDisconnect(CloseReason reason) {
                return true;
            }

            @Override
            public boolean onConnectFailure(Exception exception) {
                return true;
            }
        });
        client.connectToServer(
                new Beaten(diary), ClientEndpointConfig.Builder.create().build(), URI.create(url));
    }

    @Override
    public void beat(long number) {
        Session to = session;
        if (to != null && to.isOpen()) {
            to.getAsyncRemote().sendText(Long.toString(number));
        }
    }

    private final class Beaten extends Endpoint {
        private final Diary diary;

        Beaten(Diary diary) {
            this.diary = diary;
        }

        @Override
        public void onOpen(Session opened, EndpointConfig config) {
            opened.setMaxIdleTimeout(IDLE_MILLIS);
            if (opened instanceof TyrusSession own) {
                own.setHeartbeatInterval(HEARTBEAT_MILLIS);
            }
            opened.addMessageHandler(String.class, (MessageHandler.Whole<String>) diary::answered);
            session = opened;
            diary.ready();
        }

        @Override
        public void onClose(Session closed, CloseReason reason) {
            diary.lost(reason.toString());
        }

        @Override
        public void onError(Session failed, Throwable error) {
            // What ends the session is told to onClose.
        }
    }
}
