package io.everwire;

/**
 * How messages are compressed where the peer agrees: permessage-deflate (RFC 7692). Off unless it is asked for, because it costs CPU
 * on the event loop and memory, and because the length of what is compressed tells an eavesdropper something of its content when an
 * attacker's text and a secret share a window (CRIME, BREACH); see {@code docs/security.md}.
 *
 * <p><b>Memory.</b> A deflater takes up to 264 KiB and an inflater up to 44 KiB, both outside the heap. Each event loop has a few and lends
 * them for the time of one message, so that a connection at rest has none. Only what keeps its context costs more, for each connection:
 * <ul>
 *   <li>our own context keeps a deflater, of at most 64 connections of an event loop and until it has been idle for 30 s; who is not
 *       among them begins again with an empty window, which every peer understands;
 *   <li>the peer's context keeps the last 2^{@code peerWindowBits} bytes received, at most 32 KiB of heap, until the connection ends.
 * </ul>
 *
 * @param level of zlib, from 1, fast, to 9, small; default 6
 * @param thresholdBytes the shortest message that is compressed; default 256, below which a message alone hardly gets shorter, and
 *     the packet that carries it is sent all the same
 * @param keepsOwnContext whether what we have sent helps to compress what follows; default false. Small messages that resemble each
 *     other get several times shorter with it
 * @param keepsPeerContext the same for what the peer sends, as far as the peer asks us; default false
 * @param ownWindowBits how far back our messages may refer, as a power of two, from 8 to 15; default 15, which is 32 KiB. The peer may ask
 *     for less. Java's deflater knows only 15: with less it forgets everything each 2^n bytes, and compresses worse than another would
 * @param peerWindowBits what the peer is asked for in its messages, from 8 to 15; default 15. One that cannot is talked to all the same
 */
public record CompressionPolicy(
        int level,
        int thresholdBytes,
        boolean keepsOwnContext,
        boolean keepsPeerContext,
        int ownWindowBits,
        int peerWindowBits) {
    /** The largest window: 2^15 bytes, 32 KiB (RFC 7692 §7.1.2). */
    public static final int MOST_WINDOW_BITS = 15;

    /** The smallest window: 2^8 bytes (RFC 7692 §7.1.2). */
    public static final int LEAST_WINDOW_BITS = 8;

    /** The defaults that each component names: no connection holds anything between two messages. */
    public static final CompressionPolicy DEFAULT =
            new CompressionPolicy(6, 256, false, false, MOST_WINDOW_BITS, MOST_WINDOW_BITS);

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException when the level is outside 1 to 9, the threshold is below 1, or window bits are outside 8 to 15
     */
    public CompressionPolicy {
        requireWithin("level", level, 1, 9);
        requireWithin("thresholdBytes", thresholdBytes, 1, Integer.MAX_VALUE);
        requireWithin("ownWindowBits", ownWindowBits, LEAST_WINDOW_BITS, MOST_WINDOW_BITS);
        requireWithin("peerWindowBits", peerWindowBits, LEAST_WINDOW_BITS, MOST_WINDOW_BITS);
    }

    private static void requireWithin(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be from " + least + " to " + most);
        }
    }

    /** Returns a copy with another level, from 1 to 9. */
    public CompressionPolicy withLevel(int other) {
        return new CompressionPolicy(
                other, thresholdBytes, keepsOwnContext, keepsPeerContext, ownWindowBits, peerWindowBits);
    }

    /** Returns a copy that compresses messages of this many bytes and more. */
    public CompressionPolicy withThresholdBytes(int bytes) {
        return new CompressionPolicy(level, bytes, keepsOwnContext, keepsPeerContext, ownWindowBits, peerWindowBits);
    }

    /** Returns a copy in which a message may refer to earlier ones, in our direction and in the peer's. */
    public CompressionPolicy withContext(boolean own, boolean peer) {
        return new CompressionPolicy(level, thresholdBytes, own, peer, ownWindowBits, peerWindowBits);
    }

    /** Returns a copy with other windows, for our direction and for the peer's, each from 8 to 15 bits. */
    public CompressionPolicy withWindowBits(int own, int peer) {
        return new CompressionPolicy(level, thresholdBytes, keepsOwnContext, keepsPeerContext, own, peer);
    }
}
