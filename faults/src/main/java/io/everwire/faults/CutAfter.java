package io.everwire.faults;

/**
 * A connection that dies in the middle of something: it is aborted on both sides (TCP RST) when so many bytes have
 * passed, both directions counted together. A connection that is already open counts from now, a new one from its first
 * byte.
 *
 * @param bytes how many bytes still pass; at least 1
 */
public record CutAfter(long bytes) implements Fault {

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

    @Override
    public String word() {
        return "cut-after";
    }

    @Override
    public String toString() {
        return "cut-after " + bytes;
    }
}
