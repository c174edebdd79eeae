package io.everwire;

import java.time.Duration;

/**
 * Something that happened to a session. Each is told once, in order, with the number of the connection it belongs to
 * ({@code epoch}, from 1; 0 before the first); events of an older connection are dropped.
 */
public sealed interface SessionEvent {
    /** The number of the session's connection that the event belongs to. */
    int epoch();

    /** An attempt begins; {@code attempt} counts upgrades and probes of the current outage from 1. */
    record Connecting(int epoch, long attempt) implements SessionEvent {}

    /** The upgrade succeeded. */
    record Open(int epoch, Handshake handshake) implements SessionEvent {}

    /** {@code onReady} succeeded and the queue is open. */
    record Ready(int epoch) implements SessionEvent {}

    /** A ping is overdue: shaky, not yet dead. */
    record Suspect(int epoch, Duration silence) implements SessionEvent {}

    /** A suspect peer was heard again. */
    record Alive(int epoch, Duration silence) implements SessionEvent {}

    /** The peer was judged dead; {@code reason} is a word such as {@code ping-timeout}. */
    record Dead(int epoch, Duration silence, String reason, boolean grace, String message) implements SessionEvent {}

    /**
     * The connection is gone. Which sends are in doubt is known before: each that returned a stage has settled {@code UNKNOWN} by
     * now.
     */
    record Lost(int epoch, Failure cause, Gap gap) implements SessionEvent {}

    /** The next attempt starts after {@code delay}; {@code failure} is why. */
    record Waiting(int epoch, long attempt, Duration delay, Failure failure) implements SessionEvent {}

    /** The session is usable again after an outage, measured from the loss to ready. */
    record Reconnected(int epoch, Duration outage, Gap gap) implements SessionEvent {}

    /** The connection is gone and the session is kept: nothing is lost, and what is sent waits. */
    record Suspended(int epoch, Failure cause) implements SessionEvent {}

    /**
     * The session goes on where it was, on a new connection; {@code onReady} does not run.
     *
     * @param outage from the loss of the connection to this moment
     * @param replayedIn messages that the peer sends again, never seen here before
     * @param replayedOut messages that are sent again, never seen there before
     */
    record Resumed(int epoch, Duration outage, long replayedIn, long replayedOut) implements SessionEvent {}

    /** The session is lost. A client begins a new one by itself; nothing is sent again in it. */
    record SessionLost(int epoch, SessionLoss loss) implements SessionEvent {}

    /** Another connection holds the session; the end follows. */
    record TakenOver(int epoch) implements SessionEvent {}

    /** A callback of the application threw; the session goes on (on a server it is closed 1011, unless it is resumable). */
    record ListenerFailed(int epoch, String callback, Throwable error) implements SessionEvent {}

    /** The end of the session. Nothing follows. */
    record Closed(int epoch, CloseStatus status, boolean isClean, Failure cause) implements SessionEvent {}

    /**
     * What a lost connection leaves open; in {@link Reconnected}, from the last connection that was ready to the next one.
     *
     * @param lostEpoch the connection that was lost
     * @param silence how long the peer had not been heard when it was
     * @param unknownSends messages in doubt: written and never confirmed, those of {@link Session#trySend} too, which have no stage;
     *     in {@link Reconnected} also those of connections in between that were never ready
     */
    record Gap(int lostEpoch, Duration silence, long unknownSends) {}
}
