package io.everwire.verification.conversation;

import io.everwire.MessageView;
import io.everwire.Session;

/** Sends every message back, and remembers its events. */
public final class Echo extends RecordingListener {
    @Override
    public void onView(Session session, MessageView view) {
        session.trySend(view);
    }
}
