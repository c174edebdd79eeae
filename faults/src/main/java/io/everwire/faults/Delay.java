package io.everwire.faults;

import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A long way: what is sent arrives later, in both directions, in order.
 *
 * @param delay the one-way delay; not negative, at most an hour
 * @param jitter how far a single delay may be off, evenly spread on both sides and never below zero; 0 disables it; not
 *     negative, at most an hour
 */
public record Delay(Duration delay, Duration jitter) implements Fault {

    private static final Duration LONGEST = Duration.ofHours(1);

    /**
     * Makes a delay.
     *
     * @throws IllegalArgumentException if a duration is negative or longer than an hour
     */
    public Delay {
        check("delay", delay);
        check("jitter", jitter);
    }

    /** The nanoseconds the next bytes take. */
    long drawNanos(RandomGenerator random) {
        long jitterNanos = jitter.toNanos();
        long off = jitterNanos == 0 ? 0 : random.nextLong(-jitterNanos, jitterNanos + 1);
        return Math.max(0, delay.toNanos() + off);
    }

    @Override
    public String word() {
        return "delay";
    }

    @Override
    public String toString() {
        String text = "delay " + Quantity.text(delay);
        return jitter.isZero() ? text : text + " jitter " + Quantity.text(jitter);
    }

    private static void check(String name, Duration duration) {
        Objects.requireNonNull(duration, name);
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a %s of %s is outside 0s to 1h".formatted(name, Quantity.text(duration)));
        }
    }
}
