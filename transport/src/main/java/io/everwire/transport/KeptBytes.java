package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Copies of the borrowed messages that a session may have to send again, one behind the other in chunks: they are forgotten in the order
 * in which they came, and a chunk of which everything is forgotten serves another session of the event loop. So a busy session allocates
 * next to nothing for a message, and holds at most two chunks more than its messages.
 *
 * <p>A message is known by its position, which only grows.
 *
 * <p><b>Thread safety.</b> The session's event loop only.
 */
final class KeptBytes {
    private static final int SHIFT = 12;
    private static final int CHUNK_BYTES = 1 << SHIFT;
    private static final int MASK = CHUNK_BYTES - 1;
    private static final byte[] NOTHING = {};

    private final Spares spares;
    /** By the number of the chunk, modulo a power of two. */
    private byte[][] chunks = {NOTHING};
    /** The positions of the first byte that is held, and behind the last. */
    private long first;

    private long end;

    KeptBytes(Spares spares) {
        this.spares = spares;
    }

    /** Copies a message; returns its position. */
    long add(ByteBuf borrowed) {
        long position = end;
        int index = borrowed.readerIndex();
        int left = borrowed.readableBytes();
        while (left > 0) {
            if ((end & MASK) == 0) {
                addChunk();
            }
            int offset = (int) (end & MASK);
            int part = Math.min(left, CHUNK_BYTES - offset);
            borrowed.getBytes(index, chunks[slot(end)], offset, part);
            index += part;
            left -= part;
            end += part;
        }
        return position;
    }

    private void addChunk() {
        long held = (end >>> SHIFT) - (first >>> SHIFT);
        if (held == chunks.length) {
            byte[][] more = new byte[2 * chunks.length][];
            Arrays.fill(more, NOTHING);
            for (long position = first & ~MASK; position < end; position += CHUNK_BYTES) {
                more[(int) (position >>> SHIFT) & (more.length - 1)] = chunks[slot(position)];
            }
            chunks = more;
        }
        chunks[slot(end)] = spares.take();
    }

    private int slot(long position) {
        return (int) (position >>> SHIFT) & (chunks.length - 1);
    }

    /** Returns a copy of a message that is held. */
    byte[] get(long position, int bytes) {
        if (bytes > 0 && (position < first || position + bytes > end)) {
            throw new AssertionError(
                    "bytes " + position + " to " + (position + bytes) + " are outside " + first + " to " + end);
        }
        byte[] message = new byte[bytes];
        int copied = 0;
        while (copied < bytes) {
            int offset = (int) ((position + copied) & MASK);
            int part = Math.min(bytes - copied, CHUNK_BYTES - offset);
            System.arraycopy(chunks[slot(position + copied)], offset, message, copied, part);
            copied += part;
        }
        return message;
    }

    /** Forgets everything before this position. */
    void forget(long upTo) {
        long kept = Math.max(first, upTo);
        if (kept == end) {
            // The next message begins a chunk of its own, and this one serves others meanwhile.
            kept = (end + MASK) & ~MASK;
            end = kept;
        }
        for (long position = first & ~MASK; position < (kept & ~MASK); position += CHUNK_BYTES) {
            spares.give(chunks[slot(position)]);
            chunks[slot(position)] = NOTHING;
        }
        first = kept;
    }

    /** Returns how much memory is taken, in bytes. */
    int capacity() {
        return CHUNK_BYTES * (int) (((end + MASK) >>> SHIFT) - (first >>> SHIFT));
    }

    /** Chunks that nobody uses. */
    static final class Spares {
        /** 4 MiB. */
        private static final int MOST = 1_024;

        private final ArrayDeque<byte[]> spares = new ArrayDeque<>(1);

        /** The one that was given back last is the warmest. */
        private byte[] take() {
            byte[] last = spares.pollLast();
            return last == null ? new byte[CHUNK_BYTES] : last;
        }

        private void give(byte[] chunk) {
            if (chunk.length == CHUNK_BYTES && spares.size() < MOST) {
                spares.addLast(chunk);
            }
        }
    }
}
