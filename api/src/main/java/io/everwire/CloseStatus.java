package io.everwire;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a connection was closed: the close code and the close reason of RFC 6455 §7.1.5 and §7.1.6.
 *
 * @param code the close code, 1000 to 4999; 1005 and 1006 are only ever observed, never sent
 * @param reason the close reason, at most 123 bytes of UTF-8, possibly empty
 */
public record CloseStatus(int code, String reason) {
    /** 1000, without a reason. */
    public static final CloseStatus NORMAL = new CloseStatus(CloseCode.NORMAL, "");

    /** The longest close reason in bytes: a control frame holds 125, and the code takes two of them (RFC 6455 §5.5). */
    public static final int MAX_REASON_BYTES = 123;

    private static final Pattern RETRY_AFTER = Pattern.compile("(?:^|[ ;])retry-after-ms=([0-9]{1,10})(?![0-9])");

    /**
     * Checks both parts.
     *
     * @throws IllegalArgumentException when the code is outside 1000–4999 or the reason is longer than 123 bytes
     */
    public CloseStatus {
        if (code < 1000 || code > 4999) {
            throw new IllegalArgumentException(
                    "close code " + code + " is outside 1000 to 4999 (RFC 6455 section 7.4)");
        }
        int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_REASON_BYTES) {
            throw new IllegalArgumentException("the close reason has " + bytes + " bytes; a close frame holds at most "
                    + MAX_REASON_BYTES + "; shorten it");
        }
    }

    /**
     * Makes 1013 (try again later) with a time, for a client that is sent away after its opening handshake. It is told in the reason, as
     * {@code retry-after-ms=4210}: Everwire's clients do not come back before, others read it as they like.
     *
     * @param wait at least zero, cut to whole milliseconds and at most 100 days
     * @throws IllegalArgumentException when it is negative
     */
    public static CloseStatus tryAgainLater(Duration wait) {
        if (wait.isNegative()) {
            throw new IllegalArgumentException("the wait " + wait + " is negative; use zero for none");
        }
        long millis =
                wait.compareTo(Duration.ofDays(100)) > 0 ? Duration.ofDays(100).toMillis() : wait.toMillis();
        return new CloseStatus(CloseCode.TRY_AGAIN_LATER, "retry-after-ms=" + millis);
    }

    /** Returns the wait that the reason of 1012 or 1013 names, see {@link #tryAgainLater}; null when it names none. */
    public @Nullable Duration retryAfter() {
        if (code != CloseCode.SERVICE_RESTART && code != CloseCode.TRY_AGAIN_LATER) {
            return null;
        }
        Matcher named = RETRY_AFTER.matcher(reason);
        return named.find() ? Duration.ofMillis(Long.parseLong(named.group(1))) : null;
    }

    @Override
    public String toString() {
        // The reason may be a peer's: it must not break a line, nor change what a person sees of it.
        String printable = reason.replaceAll("[\\p{Cc}\\p{Cf}\\u2028\\u2029]", "?");
        return reason.isEmpty() ? Integer.toString(code) : code + " (" + printable + ")";
    }
}
