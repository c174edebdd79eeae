package io.everwire.cli;

import io.everwire.Session;
import io.everwire.SessionEvent;

/** Tells the story while it happens. Every method is called with the time of the event, on any thread, and never blocks. */
interface StoryTeller {
    void begins(StoryProfile profile, int serverPort, int proxyPort, long nowNanos);

    void cut(long nowNanos);

    void healed(long nowNanos);

    /** Messages flow again on the connection that they flowed on before. */
    void flowsAgain(long nowNanos);

    void serverEvent(Session session, SessionEvent event, long nowNanos);

    void clientEvent(Session session, SessionEvent event, String url, long nowNanos);

    /** Tells how far the messages are; called a few times a second. */
    void progress(int sent, int received, int all);

    void end(StoryResult result);
}
