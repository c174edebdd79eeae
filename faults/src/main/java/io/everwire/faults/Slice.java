package io.everwire.faults;

/**
 * Bytes arrive in small pieces: each is written and flushed by itself.
 *
 * @param bytes the size of a piece in bytes; at least 1
 */
public record Slice(int bytes) implements Fault {

    /**
     * Makes a slicing fault.
     *
     * @throws IllegalArgumentException if a piece would have less than one byte
     */
    public Slice {
        if (bytes < 1) {
            throw new IllegalArgumentException("a slice of %d bytes is too small; 1 is the least".formatted(bytes));
        }
    }

    @Override
    public String word() {
        return "slice";
    }

    @Override
    public String toString() {
        return "slice " + bytes;
    }
}
