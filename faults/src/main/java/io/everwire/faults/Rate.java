package io.everwire.faults;

/**
 * A thin line: at most so many bits a second in each direction of each connection.
 *
 * @param bitsPerSecond the rate in bits per second; from 8 (a byte a second) to 10^12
 */
public record Rate(long bitsPerSecond) implements Fault {

    private static final long FASTEST = 1_000_000_000_000L;
    private static final long BIT_NANOS = 8_000_000_000L;

    /** Bytes leave in portions worth this much time: small enough to look like a line, large enough to be cheap. */
    private static final int PORTIONS_PER_SECOND = 100;

    /**
     * Makes a rate.
     *
     * @throws IllegalArgumentException if the rate is below 8 or above 10^12 bits per second
     */
    public Rate {
        if (bitsPerSecond < 8 || bitsPerSecond > FASTEST) {
            throw new IllegalArgumentException(
                    "a rate of %d bit per second is outside 8bit to 1000gbit".formatted(bitsPerSecond));
        }
    }

    /** How many bytes may leave together; at least one. */
    int portionBytes() {
        return (int) Math.max(1, Math.min(Flow.READ_BYTES, bitsPerSecond / 8 / PORTIONS_PER_SECOND));
    }

    /** How long the line is busy with so many bytes. */
    long busyNanos(int bytes) {
        return bytes * BIT_NANOS / bitsPerSecond;
    }

    @Override
    public String word() {
        return "rate";
    }

    @Override
    public String toString() {
        return "rate " + Quantity.rateText(bitsPerSecond);
    }
}
