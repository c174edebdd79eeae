package io.everwire.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Arithmetic on instants of a monotonic clock with an arbitrary origin, and on durations in nanoseconds. */
final class Nanos {
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000 * MILLI;

    /** How late a deadline may be handled without anybody having stalled: what a driver's wheel may have for a tick, at most. */
    static final long TICK = 50 * MILLI;

    /** A duration that is not configured. */
    static final long OFF = -1;

    /** Longer durations (73 years) are cut, so that sums with an instant still compare by subtraction. */
    private static final long LONGEST = Long.MAX_VALUE / 4;

    private Nanos() {}

    /** Returns the duration, at least zero and at most 73 years. */
    static long of(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        return duration.toSeconds() >= LONGEST / SECOND ? LONGEST : duration.toNanos();
    }

    /** Returns the duration, or {@link #OFF} for none. */
    static long orOff(@Nullable Duration duration) {
        return duration == null ? OFF : of(duration);
    }

    /** Returns the earlier of two deadlines, either of which may be {@link Engine#NO_DEADLINE}. */
    static long earlier(long one, long other) {
        if (one == Engine.NO_DEADLINE) {
            return other;
        }
        return other == Engine.NO_DEADLINE || one - other <= 0 ? one : other;
    }

    /** Returns the later of two instants. */
    static long later(long one, long other) {
        return one - other >= 0 ? one : other;
    }

    static boolean isDue(long deadline, long now) {
        return deadline != Engine.NO_DEADLINE && deadline - now <= 0;
    }

    /** Returns {@code 5 s}, {@code 2.5 s} or {@code 250 ms}. */
    static String text(long nanos) {
        if (nanos < SECOND) {
            return nanos / MILLI + " ms";
        }
        return nanos % SECOND == 0 ? nanos / SECOND + " s" : seconds(nanos);
    }

    /** Returns seconds with one decimal: {@code 7.0 s}. Without a formatter, which costs more than the rest of a verdict. */
    static String seconds(long nanos) {
        long tenths = Math.round(nanos / (double) (SECOND / 10));
        return tenths / 10 + "." + Math.abs(tenths % 10) + " s";
    }
}
