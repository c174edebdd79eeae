package io.everwire.verification.laboratory;

import java.time.Duration;

/**
 * How often an end pings, how long it waits for the answer, and how often its application says something.
 *
 * @param intervalMillis 0 for the library's default policy, 15 s and 10 s
 * @param timeoutMillis how long an answer is waited for
 * @param beatMillis the time between two messages of the application, 0 for none
 */
record Pace(long intervalMillis, long timeoutMillis, long beatMillis) {
    /** For the short forms. */
    static final Pace QUICK = new Pace(1_000, 500, 200);

    /** What {@code everwire serve} ships with, which is the article's. */
    static final Pace ARTICLE = new Pace(5_000, 2_000, 1_000);

    /** What the library ships with. */
    static final Pace DEFAULTS = new Pace(0, 0, 1_000);

    /** Whether this run is the full one, of the Maven profile {@code full}. */
    static final boolean IS_FULL = Boolean.getBoolean("everwire.full");

    /** By so much a verdict may be late. */
    private static final long TICK = 50;

    /** Returns the pace of a scenario that has the same form in both lengths. */
    static Pace ofRun() {
        return IS_FULL ? ARTICLE : QUICK;
    }

    /** Returns a time that is longer in the full run. */
    static Duration lasting(int shortMillis, int fullMillis) {
        return Duration.ofMillis(IS_FULL ? fullMillis : shortMillis);
    }

    Pace withBeat(long millis) {
        return new Pace(intervalMillis, timeoutMillis, millis);
    }

    /** Returns within what time a silent peer is dead. */
    long boundMillis() {
        return (intervalMillis == 0 ? 15_000 : intervalMillis) + graceMillis() + TICK;
    }

    /** Returns by how much a stall of the end's own may put its verdict off. */
    long graceMillis() {
        return intervalMillis == 0 ? 10_000 : timeoutMillis;
    }
}
