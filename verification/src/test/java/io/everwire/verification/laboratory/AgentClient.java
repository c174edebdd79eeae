package io.everwire.verification.laboratory;

import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The client's application: one session, beats whether there is a connection or not, and one at once when there is again. */
final class AgentClient extends Agent {
    private List<Session> sessions = List.of();

    AgentClient(Map<String, String> settings) {
        super(settings);
    }

    @Override
    void begin() {
        String url = setting("url", "ws://" + Laboratory.SERVER_ADDRESS + ":" + Laboratory.PORT + "/");
        sessions = List.of(EverwireClient.to(url)
                .liveness(liveness())
                .reconnect(ReconnectPolicy.DEFAULT.withStableAfter(Duration.ofMillis(
                        number("stable", ReconnectPolicy.DEFAULT.stableAfter().toMillis()))))
                .listen(new SessionListener() {
                    @Override
                    public void onMessage(Session session, Message message) {
                        take(session, message);
                    }

                    @Override
                    public void onEvent(Session session, SessionEvent event) {
                        tell(session, event);
                        if (event instanceof SessionEvent.Ready && number("beat", 1_000) > 0) {
                            send(session, "");
                        }
                    }
                }));
    }

    @Override
    Iterable<Session> audience() {
        return sessions;
    }

    @Override
    boolean answers() {
        return false;
    }
}
