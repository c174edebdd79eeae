package io.everwire.verification.simulation;

/** All chance of one world: SplitMix64, the same on every Java platform. */
final class Chance {
    private long state;

    Chance(long seed) {
        state = seed * 0x9E3779B97F4A7C15L + 0x5851F42D4C957F2DL;
    }

    long next() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Returns 0 to {@code bound - 1}. */
    int below(int bound) {
        return (int) (((next() >>> 33) * bound) >>> 31);
    }

    /** Returns a number of the closed range. */
    int between(int least, int most) {
        return least + below(most - least + 1);
    }

    boolean percent(int share) {
        return below(100) < share;
    }

    boolean oneIn(int many) {
        return below(many) == 0;
    }

    /** Returns nanoseconds from a closed range of microseconds. */
    long micros(int least, int most) {
        return between(least, most) * 1_000L;
    }

    /** Returns nanoseconds from a closed range of milliseconds. */
    long millis(int least, int most) {
        return (long) between(least * 1_000, most * 1_000) * 1_000L;
    }
}
