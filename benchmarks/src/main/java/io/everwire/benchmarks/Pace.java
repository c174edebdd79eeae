package io.everwire.benchmarks;

/**
 * How long is measured.
 *
 * @param rounds how often each cell is measured, everybody once in each round
 * @param warmUpSeconds before each measurement, for the compiler
 * @param measureSeconds of each measurement
 * @param warmUpWaves of a herd, before those that count
 * @param waves of a herd
 * @param settleSeconds before the memory of idle connections is read
 * @param crowd how many connections a herd, a crowd of idle ones or an audience has
 */
record Pace(
        int rounds,
        double warmUpSeconds,
        double measureSeconds,
        int warmUpWaves,
        int waves,
        double settleSeconds,
        int crowd) {
    /** For figures. */
    static final Pace FULL = new Pace(3, 5, 5, 8, 8, 20, 19_000);

    /** To see that everything runs; figures are rough. */
    static final Pace QUICK = new Pace(3, 1, 1, 1, 2, 2, 5_000);

    Pace withRounds(int count) {
        return new Pace(count, warmUpSeconds, measureSeconds, warmUpWaves, waves, settleSeconds, crowd);
    }
}
