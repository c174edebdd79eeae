package io.everwire;

import java.time.Duration;

/**
 * How sessions are kept over lost connections; see {@code docs/protocol.md}.
 *
 * @param timeToLive how long a server keeps a session whose connection is lost, from when it saw the loss; default 120 s, whole
 *     seconds
 * @param windowBytes what this end takes without having acknowledged it, each message charged its payload and 64 bytes; default
 *     1 MiB, at least 1 KiB; a message is at most this less 64 bytes
 * @param windowMessages the same in messages; default 1,024
 * @param heartbeat how often a server pings in band when a client cannot see WebSocket pings; default 15 s
 * @param committing when a server with a durable store commits what it has received; default after the handler
 */
public record ResumePolicy(
        Duration timeToLive, int windowBytes, int windowMessages, Duration heartbeat, Committing committing) {
    /** The defaults that each component names. */
    public static final ResumePolicy DEFAULT =
            new ResumePolicy(Duration.ofSeconds(120), 1 << 20, 1_024, Duration.ofSeconds(15), Committing.AFTER_HANDLER);

    /** When a server with a durable store commits a received message, and so what a crash in between does. */
    public enum Committing {
        /** When the handler has returned: after a crash the message comes at least once, perhaps again. */
        AFTER_HANDLER,
        /** Before the handler is called: after a crash the message comes at most once, perhaps not at all. */
        BEFORE_HANDLER
    }

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException when the time to live is below a second or above 366 days, the window below 1 KiB or above 1
     *     GiB, the messages below 1 or above 1,048,576, or the heartbeat below 100 ms or above a day
     */
    public ResumePolicy {
        requireWithin("timeToLive", timeToLive, Duration.ofSeconds(1), Duration.ofDays(366));
        requireWithin("heartbeat", heartbeat, Duration.ofMillis(100), Duration.ofDays(1));
        requireWithin("windowBytes", windowBytes, 1 << 10, 1 << 30);
        requireWithin("windowMessages", windowMessages, 1, 1 << 20);
    }

    private static void requireWithin(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be from " + least + " to " + most);
        }
    }

    private static void requireWithin(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be from " + least + " to " + most);
        }
    }

    /** Returns a copy in which a server keeps lost sessions for this long. */
    public ResumePolicy withTimeToLive(Duration time) {
        return new ResumePolicy(time, windowBytes, windowMessages, heartbeat, committing);
    }

    /** Returns a copy with another window, in bytes and in messages. */
    public ResumePolicy withWindow(int bytes, int messages) {
        return new ResumePolicy(timeToLive, bytes, messages, heartbeat, committing);
    }

    /** Returns a copy with another interval of the in-band pings. */
    public ResumePolicy withHeartbeat(Duration interval) {
        return new ResumePolicy(timeToLive, windowBytes, windowMessages, interval, committing);
    }

    /** Returns a copy that commits at another time. */
    public ResumePolicy withCommitting(Committing when) {
        return new ResumePolicy(timeToLive, windowBytes, windowMessages, heartbeat, when);
    }
}
