package io.everwire.verification.laboratory;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The server's application: answers every beat, and beats itself to every session. */
final class AgentServer extends Agent {
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();

    AgentServer(Map<String, String> settings) {
        super(settings);
    }

    @Override
    void begin() {
        EverwireServer server = EverwireServer.builder()
                .host(setting("host", "0.0.0.0"))
                .port((int) number("port", Laboratory.PORT))
                .liveness(liveness())
                .listen("/", new SessionListener() {
                    @Override
                    public void onMessage(Session session, Message message) {
                        take(session, message);
                    }

                    @Override
                    public void onEvent(Session session, SessionEvent event) {
                        if (event instanceof SessionEvent.Open) {
                            sessions.add(session);
                        } else if (event instanceof SessionEvent.Closed) {
                            sessions.remove(session);
                        }
                        tell(session, event);
                    }
                })
                .start();
        print("listening", "port", server.port());
    }

    @Override
    Iterable<Session> audience() {
        return List.copyOf(sessions);
    }

    @Override
    boolean answers() {
        return true;
    }
}
