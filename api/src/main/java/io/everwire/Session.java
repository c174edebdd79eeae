package io.everwire;

import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a peer. On a client it survives lost connections; on a server it ends with its connection.
 *
 * <p><b>Threads.</b> Every method may be called from any thread, callbacks included, and none blocks but {@link #receive},
 * {@link #awaitSend} and the iterator, which throw on an event loop.
 *
 * <p><b>Two styles.</b> A session with a {@link SessionListener} pushes its messages; one without is read with {@link
 * #receive} or {@code for (Message message : session)}, at home on virtual threads.
 *
 * <p>After {@link SessionState#CLOSED} every send ends {@code NOT_SENT} and every command does nothing.
 */
public interface Session extends AutoCloseable, Iterable<Message> {
    /** Returns a name for logs and events, unique in this process. */
    String id();

    /**
     * Returns the name of the resumable session, the same at both ends and after every resume: 22 characters. Null while there is
     * none: before the first connection, and with a peer that does not speak {@code everwire.v1}.
     */
    @Nullable String sessionId();

    /** Tells whether a lost connection loses no message: the peer speaks {@code everwire.v1}, and both ends enabled it. */
    default boolean isResumable() {
        return sessionId() != null;
    }

    /** Returns the state of this moment. */
    SessionState state();

    /** Returns the number of the current or last connection, from 1; 0 before the first. */
    int epoch();

    /** Returns what was agreed on when the current or last connection was opened, null before the first. */
    @Nullable Handshake handshake();

    /** Returns what is known of the peer, null before the first connection. */
    @Nullable LivenessReport liveness();

    /** Returns a map for the application's own use; it lives as long as the session. */
    ConcurrentMap<String, Object> attributes();

    /**
     * Queues a message and asks for its confirmation. Never blocks, never throws for the state of the session.
     *
     * @param message any message; larger than {@link Limits#messageBytes()} ends {@code NOT_SENT}
     * @return settles always: {@code CONFIRMED} when a pong proved that the peer's endpoint has read it, in a resumable session when
     *     the peer has acknowledged it; {@code UNKNOWN} when it was written and the connection, or the resumable session, was lost; {@code NOT_SENT} when the queue is full, the session is closed, or its time
     *     to live ended
     */
    default CompletionStage<Delivery> send(Message message) {
        return send(message, SendOptions.DEFAULT);
    }

    /** Queues a text message; see {@link #send(Message)}. */
    default CompletionStage<Delivery> send(String text) {
        return send(Message.text(text), SendOptions.DEFAULT);
    }

    /** Queues a message that may expire or be replaced while it waits; see {@link #send(Message)}. */
    CompletionStage<Delivery> send(Message message, SendOptions options);

    /**
     * Queues a message without asking for a confirmation.
     *
     * @return false when it was not taken: the queue is full, the message too large, or the session closed; such a message is
     *     counted in {@link #rejectedSends()}
     */
    boolean trySend(Message message);

    /**
     * Queues the borrowed message without a copy by the caller and, on the session's own event loop, without an allocation.
     *
     * @param view the view of the current callback
     * @return false when it was not taken, see {@link #trySend(Message)}
     */
    boolean trySend(MessageView view);

    /**
     * Waits for room in the outbound queue and queues the message.
     *
     * @param message any message
     * @param timeout how long to wait for room
     * @return as {@link #send(Message)}
     * @throws SendRejectedException when there was no room within the time-out
     * @throws SessionClosedException when the session is closed
     * @throws IllegalStateException on an event loop, which must not be blocked
     * @throws InterruptedException when the thread was interrupted; nothing was queued
     */
    CompletionStage<Delivery> awaitSend(Message message, Duration timeout) throws InterruptedException;

    /**
     * Waits for a message. For sessions without a listener. In a resumable session a message counts as handled, and is acknowledged,
     * when the next one is asked for or {@link #close} is called, by whichever thread; so let one thread receive.
     *
     * @param timeout how long to wait
     * @return the next message, or null when none came within the time-out
     * @throws SessionClosedException when the session is closed and every received message was taken
     * @throws IllegalStateException when the session has a listener, or on an event loop
     * @throws InterruptedException when the thread was interrupted; no message was taken
     */
    @Nullable Message receive(Duration timeout) throws InterruptedException;

    /**
     * Iterates over received messages, waiting for each; ends when the session is closed. For sessions without a listener. An
     * interrupted wait ends the iteration and leaves the thread interrupted.
     */
    @Override
    Iterator<Message> iterator();

    /**
     * Pauses delivery. Up to {@link Limits#readAheadBytes()} are read ahead so that pings are answered; then reading stops and
     * verdicts on the peer are suspended, for a slow consumer is not a dead peer.
     */
    void pause();

    /** Resumes delivery after {@link #pause()}. */
    void resume();

    /** Returns the bytes in the outbound queue, {@link Limits#MESSAGE_OVERHEAD_BYTES} charged for each message. */
    long queuedBytes();

    /** Returns how many messages were refused because the queue was full, they were too large, or the session was closed. */
    long rejectedSends();

    /** Attempts to connect at once, within the budget, when the session waits or connects; otherwise does nothing. */
    void reconnectNow();

    /** Closes with 1000; see {@link #close(CloseStatus)}. */
    @Override
    default void close() {
        close(CloseStatus.NORMAL);
    }

    /**
     * Closes the session for good, in every state, idempotently, without blocking. What is queued on an open connection is
     * written first, within {@link Limits#closeTimeout()}; messages that cannot be written end {@code NOT_SENT}.
     *
     * @param status a code that may be sent, see {@link CloseCode#isSendable}
     * @throws IllegalArgumentException when the code may not be sent
     */
    void close(CloseStatus status);

    /** Returns a stage that completes, never exceptionally, with the end of the session. */
    CompletionStage<SessionEvent.Closed> closed();

    /**
     * Returns as text what happened, when, and why: first the whole story of the last outage in about ten lines, if there was one,
     * then the last 200 events, newest last.
     */
    String explain();
}
