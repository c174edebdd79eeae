package io.everwire.cli;

import io.everwire.Session;
import io.everwire.SessionEvent;

/** Takes the events of sessions, on their event loops, and never blocks. */
@FunctionalInterface
interface EventSink {
    void event(Session session, SessionEvent event);
}
