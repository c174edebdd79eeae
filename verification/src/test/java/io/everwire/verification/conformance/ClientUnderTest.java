package io.everwire.verification.conformance;

import io.everwire.MessageView;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Our client with limits and patience of the server in the same suite. Each session connects once. */
final class ClientUnderTest {
    /** Far beyond the longest case, so that only a case that hangs meets it. */
    private static final long LONGEST_CASE_MINUTES = 5;

    /** Echoes every message until the other end or a mistake of it ends the session. */
    void run(String url) {
        converse(url, new SessionListener() {
            @Override
            public void onView(Session session, MessageView view) {
                session.trySend(view);
            }
        });
    }

    /** Opens a session that never comes back and waits for its end. */
    static SessionEvent.Closed converse(String url, SessionListener listener) {
        Session session = EverwireClient.to(url)
                .reconnect(ReconnectPolicy.never())
                .limits(EverwireEcho.LIMITS)
                .liveness(EverwireEcho.PATIENT)
                .listen(listener);
        try {
            return session.closed()
                    .toCompletableFuture()
                    .orTimeout(LONGEST_CASE_MINUTES, TimeUnit.MINUTES)
                    .join();
        } catch (CompletionException e) {
            session.close();
            throw new IllegalStateException(
                    url + " did not end within " + LONGEST_CASE_MINUTES + " minutes\n" + session.explain(), e);
        }
    }
}
