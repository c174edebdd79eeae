package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * Copies of the borrowed messages that a session may have to send again, one behind the other in a ring: they are forgotten in the order
 * in which they came. It grows by what is held and holds nothing when empty: then its memory serves another session of the event loop. So
 * a busy session allocates nothing for a message, and an idle one costs nothing.
 *
 * <p>A message is known by its position, which only grows.
 *
 * <p><b>Thread safety.</b> The session's event loop only.
 */
final class KeptBytes {
    /** What is larger is better on its own: a ring of them would be mostly empty. */
    static final int MOST_BYTES = 16 << 10;

    private static final int SMALLEST = 512;
    private static final byte[] NOTHING = {};

    private final Spares spares;
    private byte[] ring = NOTHING;
    /** The positions of the first byte that is held, and behind the last. */
    private long first;

    private long end;

    KeptBytes(Spares spares) {
        this.spares = spares;
    }

    /** Copies a message of at most {@link #MOST_BYTES}; returns its position. */
    long add(ByteBuf borrowed) {
        int bytes = borrowed.readableBytes();
        int held = (int) (end - first);
        if (held + bytes > ring.length) {
            grow(held, held + bytes);
        }
        long position = end;
        int start = slot(position);
        int atOnce = Math.min(bytes, ring.length - start);
        borrowed.getBytes(borrowed.readerIndex(), ring, start, atOnce);
        if (atOnce < bytes) {
            borrowed.getBytes(borrowed.readerIndex() + atOnce, ring, 0, bytes - atOnce);
        }
        end = position + bytes;
        return position;
    }

    private void grow(int held, int needed) {
        byte[] larger = spares.take(needed);
        int start = (int) (first & (larger.length - 1));
        int atOnce = Math.min(held, larger.length - start);
        copy(first, larger, start, atOnce);
        copy(first + atOnce, larger, 0, held - atOnce);
        ring = larger;
    }

    private int slot(long position) {
        return (int) (position & (ring.length - 1));
    }

    private void copy(long position, byte[] target, int offset, int bytes) {
        if (bytes == 0) {
            return;
        }
        int start = slot(position);
        int atOnce = Math.min(bytes, ring.length - start);
        System.arraycopy(ring, start, target, offset, atOnce);
        System.arraycopy(ring, 0, target, offset + atOnce, bytes - atOnce);
    }

    /** Returns a copy of a message that is held. */
    byte[] get(long position, int bytes) {
        if (position < first || position + bytes > end) {
            throw new AssertionError(
                    "bytes " + position + " to " + (position + bytes) + " are outside " + first + " to " + end);
        }
        byte[] message = new byte[bytes];
        copy(position, message, 0, bytes);
        return message;
    }

    /** Forgets everything before this position. */
    void forget(long upTo) {
        first = Math.max(first, upTo);
        if (first == end && ring.length > 0) {
            spares.give(ring);
            ring = NOTHING;
        }
    }

    /** Returns how much memory is taken, in bytes. */
    int capacity() {
        return ring.length;
    }

    /** The memory of rings that are empty. */
    static final class Spares {
        private static final int MOST = 64;
        private static final int LARGEST = 128 << 10;
        private static final int LEAST = 4 << 10;

        private final ArrayDeque<byte[]> spares = new ArrayDeque<>(1);

        /** Returns memory for so many bytes at least, a power of two; the one that was given back last is the warmest. */
        private byte[] take(int bytes) {
            byte[] last = spares.peekLast();
            if (last != null && last.length >= bytes) {
                return spares.removeLast();
            }
            return new byte[Math.max(SMALLEST, Integer.highestOneBit(bytes - 1) << 1)];
        }

        private void give(byte[] ring) {
            if (ring.length >= LEAST && ring.length <= LARGEST && spares.size() < MOST) {
                spares.addLast(ring);
            }
        }
    }
}
