package io.everwire.faults;

import org.jspecify.annotations.Nullable;

/**
 * A connection that dies in the middle of something: when so many bytes have passed it is aborted on both sides (TCP RST), or, if
 * silent, nothing passes on it any more and nobody is told, while new connections are answered. A connection that is already open
 * counts from now, a new one from its first byte.
 *
 * @param bytes how many bytes still pass; at least 1
 * @param counted the direction whose bytes are counted; null counts both together
 * @param isSilent whether it dies as in a {@link Blackhole}, which {@link Heal} ends; otherwise it is aborted
 */
public record CutAfter(long bytes, @Nullable Direction counted, boolean isSilent) implements Fault {

    /**
     * Makes a cut.
     *
     * @throws IllegalArgumentException if less than one byte would pass
     */
    public CutAfter {
        if (bytes < 1) {
            throw new IllegalArgumentException("a cut after %d bytes is too early; 1 is the least".formatted(bytes));
        }
    }

    /**
     * Makes a cut that aborts the connection after so many bytes of both directions together.
     *
     * @throws IllegalArgumentException if less than one byte would pass
     */
    public CutAfter(long bytes) {
        this(bytes, null, false);
    }

    /** Whether the bytes of this direction are counted. */
    boolean counts(Direction direction) {
        return counted == null || counted == direction;
    }

    @Override
    public String word() {
        return "cut-after";
    }

    @Override
    public String toString() {
        String direction = counted == null ? "" : counted == Direction.UP ? " up" : " down";
        return "cut-after " + bytes + direction + (isSilent ? " silent" : "");
    }
}
