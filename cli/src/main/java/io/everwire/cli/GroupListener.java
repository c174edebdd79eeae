package io.everwire.cli;

import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.server.Group;

/** Puts every session into a group, and what each says to all of them, if that is wanted. */
final class GroupListener implements SessionListener {
    private final Group group;
    private final boolean isForwarding;
    private final EventSink sink;

    GroupListener(Group group, boolean isForwarding, EventSink sink) {
        this.group = group;
        this.isForwarding = isForwarding;
        this.sink = sink;
    }

    @Override
    public void onView(Session session, MessageView view) {
        if (isForwarding) {
            SessionListener.super.onView(session, view);
        }
    }

    @Override
    public void onMessage(Session session, Message message) {
        group.broadcast(message);
    }

    @Override
    public void onEvent(Session session, SessionEvent event) {
        // A session that outlived its server is not opened again.
        if (event instanceof SessionEvent.Open || event instanceof SessionEvent.Resumed) {
            group.add(session);
        }
        sink.event(session, event);
    }
}
