package io.everwire;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What an application is told. Callbacks of one session never run concurrently and come in order; they run on the session's
 * event loop, where they must not block, or on the executor that the application gave.
 *
 * <p>A callback that throws is reported as {@link SessionEvent.ListenerFailed} and in the log, and hurts no other session. On
 * a server the session is closed 1011, unless it is resumable; there, and on a client, it goes on, and the message counts as handled.
 */
public interface SessionListener {
    /**
     * Prepares a new connection: log in, resubscribe. Runs on every epoch before any queued message is sent; messages that
     * arrive meanwhile are delivered. The session is ready when the stage completes; if it fails, or is later than {@link
     * ReconnectPolicy#readyTimeout()}, the attempt has failed.
     *
     * @param session the session, in state {@link SessionState#READYING}; its own sends still wait in the queue
     * @param direct sends past the queue, on this connection only
     */
    default CompletionStage<?> onReady(Session session, DirectSender direct) {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Takes a message without a copy. The view is valid during the call only. By default the message is copied and given to
     * {@link #onMessage}; overriding this method replaces that one.
     */
    default void onView(Session session, MessageView view) {
        onMessage(session, view.toMessage());
    }

    /** Takes a message that may be kept. */
    default void onMessage(Session session, Message message) {}

    /** Tells that the outbound queue, found full before, is at most half full again. */
    default void onWritable(Session session) {}

    /** Takes every event of the session, {@link SessionEvent.Closed} last. */
    default void onEvent(Session session, SessionEvent event) {}

    /** Takes the end of the session, after its event. Nothing follows. */
    default void onClosed(Session session, SessionEvent.Closed closed) {}

    /** Sends past the queue, on one connection only; used by {@link #onReady}. */
    interface DirectSender {
        /**
         * Sends a message at once. Settles {@code NOT_SENT} when the connection is gone.
         *
         * @param message any message within {@link Limits#messageBytes()}
         */
        CompletionStage<Delivery> send(Message message);

        /** Sends a text message at once; see {@link #send(Message)}. */
        default CompletionStage<Delivery> send(String text) {
            return send(Message.text(text));
        }
    }
}
