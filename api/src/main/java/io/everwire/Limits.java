package io.everwire;

import java.time.Duration;

/**
 * How much a connection may cost. Each limit is per connection; the queue's limits are per session.
 *
 * @param messageBytes the largest message, inbound and outbound, compressed or not as it is before compression; default 1 MiB; more is
 *     closed 1009
 * @param fragments the most fragments of one inbound message; default 1,024; more is closed 1009
 * @param queuedBytes the outbound queue in bytes, each message charged its payload and 64 bytes; default 1 MiB; one legal
 *     message always fits an empty queue
 * @param queuedMessages the outbound queue in messages; default 1,000
 * @param readAheadBytes what is read ahead while the application has paused; default 1 MiB
 * @param headerLineBytes the longest line of the opening handshake; default 8 KiB
 * @param headerLines the most header lines of the opening handshake; default 64
 * @param headerBytes all headers of the opening handshake together; default 16 KiB
 * @param handshakeTimeout how long a server waits for a complete opening handshake; default 10 s
 * @param closeTimeout how long a graceful close may take in all; default 2 s
 * @param writeTimeout how long the kernel may accept nothing before the connection fails; default 30 s
 * @param messageTimeout how long an inbound message that has begun may get no byte of its own before the connection fails with 1008;
 *     control frames in between do not count; default 30 s, which no message hits that arrives at all; in TLS bytes arrive by
 *     records of up to 16 KiB, so that a peer at 64 kbit/s needs more than 2 s; stands still while we do not read
 * @param readyTimeout how long {@code onReady} may take on a server, which then closes with 1011; default 10 s; a client's is
 *     part of its {@link ReconnectPolicy}
 */
public record Limits(
        int messageBytes,
        int fragments,
        int queuedBytes,
        int queuedMessages,
        int readAheadBytes,
        int headerLineBytes,
        int headerLines,
        int headerBytes,
        Duration handshakeTimeout,
        Duration closeTimeout,
        Duration writeTimeout,
        Duration messageTimeout,
        Duration readyTimeout) {
    /** The defaults that each component names. */
    public static final Limits DEFAULT = new Limits(
            1 << 20,
            1_024,
            1 << 20,
            1_000,
            1 << 20,
            8 << 10,
            64,
            16 << 10,
            Duration.ofSeconds(10),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10));

    /** What each queued message is charged beyond its payload, in bytes. */
    public static final int MESSAGE_OVERHEAD_BYTES = 64;

    /**
     * Checks every limit.
     *
     * @throws IllegalArgumentException when a limit is below 1, a header limit is below 256 bytes, or a time-out is not
     *     positive
     */
    public Limits {
        requirePositive("messageBytes", messageBytes, 1);
        requirePositive("fragments", fragments, 1);
        requirePositive("queuedBytes", queuedBytes, 1);
        requirePositive("queuedMessages", queuedMessages, 1);
        requirePositive("readAheadBytes", readAheadBytes, 1);
        requirePositive("headerLineBytes", headerLineBytes, 256);
        requirePositive("headerLines", headerLines, 8);
        requirePositive("headerBytes", headerBytes, 256);
        requirePositive("handshakeTimeout", handshakeTimeout);
        requirePositive("closeTimeout", closeTimeout);
        requirePositive("writeTimeout", writeTimeout);
        requirePositive("messageTimeout", messageTimeout);
        requirePositive("readyTimeout", readyTimeout);
    }

    private static void requirePositive(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be longer than zero");
        }
    }

    /** Returns a copy with another largest message, in bytes. */
    public Limits withMessageBytes(int bytes) {
        return copy(bytes, fragments, queuedBytes, queuedMessages, readAheadBytes);
    }

    /** Returns a copy with another most fragments of a message. */
    public Limits withFragments(int count) {
        return copy(messageBytes, count, queuedBytes, queuedMessages, readAheadBytes);
    }

    /** Returns a copy with another outbound queue, in bytes and in messages. */
    public Limits withQueue(int bytes, int messages) {
        return copy(messageBytes, fragments, bytes, messages, readAheadBytes);
    }

    /** Returns a copy that reads this many bytes ahead while the application has paused. */
    public Limits withReadAheadBytes(int bytes) {
        return copy(messageBytes, fragments, queuedBytes, queuedMessages, bytes);
    }

    private Limits copy(int message, int fragmentCount, int queueBytes, int queueMessages, int readAhead) {
        return new Limits(
                message,
                fragmentCount,
                queueBytes,
                queueMessages,
                readAhead,
                headerLineBytes,
                headerLines,
                headerBytes,
                handshakeTimeout,
                closeTimeout,
                writeTimeout,
                messageTimeout,
                readyTimeout);
    }

    /** Returns a copy with other time-outs for the opening handshake, the graceful close and a stuck write. */
    public Limits withTimeouts(Duration handshake, Duration close, Duration write) {
        return timed(handshake, close, write, messageTimeout, readyTimeout);
    }

    /** Returns a copy in which an unfinished inbound message may get no byte for this long. */
    public Limits withMessageTimeout(Duration message) {
        return timed(handshakeTimeout, closeTimeout, writeTimeout, message, readyTimeout);
    }

    /** Returns a copy in which a server's {@code onReady} may take this long. */
    public Limits withReadyTimeout(Duration ready) {
        return timed(handshakeTimeout, closeTimeout, writeTimeout, messageTimeout, ready);
    }

    private Limits timed(Duration handshake, Duration close, Duration write, Duration message, Duration ready) {
        return new Limits(
                messageBytes,
                fragments,
                queuedBytes,
                queuedMessages,
                readAheadBytes,
                headerLineBytes,
                headerLines,
                headerBytes,
                handshake,
                close,
                write,
                message,
                ready);
    }
}
