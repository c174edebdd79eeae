package io.everwire.faults;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes the durations, rates and counts of a plan: {@code 200ms}, {@code 64kbit}, {@code 1000}. */
final class Quantity {

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)([a-z]*)");
    private static final Pattern COUNT = Pattern.compile("\\d{1,18}");

    /** The longest duration a plan may name; longer ones are mistakes, and nanoseconds in a long would overflow. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private Quantity() {}

    static Duration duration(String word) {
        Matcher matcher = SHAPE.matcher(word);
        long unitNanos = matcher.matches() ? unitNanos(matcher.group(2)) : 0;
        if (unitNanos == 0) {
            throw new IllegalArgumentException(
                    "\"%s\" is not a duration; write a number and one of us, ms, s, m, h, as in 200ms".formatted(word));
        }
        BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unitNanos));
        if (nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
            throw new IllegalArgumentException("\"%s\" is longer than a year".formatted(word));
        }
        return Duration.ofNanos(nanos.longValue());
    }

    static long bitsPerSecond(String word) {
        Matcher matcher = SHAPE.matcher(word);
        long unit = matcher.matches() ? unitBits(matcher.group(2)) : 0;
        if (unit == 0) {
            throw new IllegalArgumentException(
                    "\"%s\" is not a rate; write a number and one of bit, kbit, mbit, gbit, as in 64kbit"
                            .formatted(word));
        }
        BigDecimal bits = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
        return bits.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
    }

    static long bytes(String word) {
        if (!COUNT.matcher(word).matches()) {
            throw new IllegalArgumentException(
                    "\"%s\" is not a number of bytes; write digits only, as in 1000".formatted(word));
        }
        return Long.parseLong(word);
    }

    static String text(Duration duration) {
        long nanos = duration.toNanos();
        for (String unit : new String[] {"h", "m", "s", "ms", "us"}) {
            if (nanos % unitNanos(unit) == 0 && (nanos != 0 || unit.equals("s"))) {
                return nanos / unitNanos(unit) + unit;
            }
        }
        return BigDecimal.valueOf(nanos, 3).stripTrailingZeros().toPlainString() + "us";
    }

    static String rateText(long bitsPerSecond) {
        for (String unit : new String[] {"gbit", "mbit", "kbit"}) {
            if (bitsPerSecond % unitBits(unit) == 0) {
                return bitsPerSecond / unitBits(unit) + unit;
            }
        }
        return bitsPerSecond + "bit";
    }

    /** Zero if there is no such unit. */
    private static long unitNanos(String unit) {
        return switch (unit) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 0;
        };
    }

    /** Zero if there is no such unit. */
    private static long unitBits(String unit) {
        return switch (unit) {
            case "bit" -> 1L;
            case "kbit" -> 1_000L;
            case "mbit" -> 1_000_000L;
            case "gbit" -> 1_000_000_000L;
            default -> 0;
        };
    }
}
