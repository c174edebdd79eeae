package io.everwire.session.resume;

/** The numbers that {@code everwire.v1} can carry, and how far those of an offer and of {@code hello} may go. */
final class Bounds {
    /** The largest integer that every language can hold exactly, JavaScript's included. */
    static final long MOST = (1L << 53) - 1;

    /** The most that a time may be, in its unit: 2^31 - 1 seconds still are a number of nanoseconds. */
    static final long MOST_TIME = Integer.MAX_VALUE;

    static final long LEAST_WINDOW_BYTES = 1 << 10;
    static final long MOST_WINDOW_BYTES = 1 << 30;
    static final long MOST_WINDOW_MESSAGES = 1 << 20;

    /** What the window charges for each message beside its payload, in bytes. */
    static final long CHARGE_BYTES = 64;

    private Bounds() {}

    static void check(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", which is not from " + least + " to " + most);
        }
    }

    static void checkOrAbsent(String name, long value) {
        check(name, value, -1, MOST);
    }
}
