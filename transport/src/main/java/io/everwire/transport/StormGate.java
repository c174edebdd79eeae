package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.StormPolicy;
import io.everwire.session.StormControl;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Drives the storm control of one server: measures how late it is, asks, and puts answers into words.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
final class StormGate {
    /** What is said to a client that is put off. */
    static final String REASON = "the server has too much to do; come back when it says";

    private static final int LONGEST_UNPARSED = 4_096;
    /** A ticket has to be looked at, and a page may have to be told in another way. */
    private static final Pattern TO_BE_PARSED =
            Pattern.compile("\n(?:origin|" + Ticket.HEADER + "):", Pattern.CASE_INSENSITIVE);

    /** Whose requests lie for less than this have no queue behind them that matters. */
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final boolean isOff;
    private final StormControl control;

    StormGate(StormPolicy policy) {
        isOff = policy.handshakesPerSecond() == 0 && policy.lag() == null && policy.patience() == null;
        byte[] key = new byte[StormControl.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        control = new StormControl(policy, key, ThreadLocalRandom.current()::nextDouble, RealClock.nanos());
    }

    /**
     * Measures how late a client's first bytes are read.
     *
     * @param accepted how many have not sent their whole request
     */
    Caller meet(Channel channel, EventLoops loops, IntSupplier accepted) {
        return new Caller(isOff ? StormControl.Lateness.NONE : latenessOf(channel, loops, accepted));
    }

    /**
     * How late its event loop is with those that are connected already, and how long it lay in the kernel, where that can be told. Each loop
     * has a queue of its own, and the kernel deals connections out evenly.
     */
    private static StormControl.Lateness latenessOf(Channel channel, EventLoops loops, IntSupplier accepted) {
        long lag = loops.lagNanos(channel.eventLoop(), RealClock.nanos());
        long unread = KernelProgress.unreadNanos(channel);
        if (unread < SHORT_NANOS) {
            return new StormControl.Lateness(lag, unread, 0);
        }
        int queues = loops.group().executorCount();
        return new StormControl.Lateness(
                lag, unread, accepted.getAsInt() + queues * KernelProgress.unaccepted(channel.parent()));
    }

    /** A client at the gate. On its event loop. */
    final class Caller {
        private final StormControl.Lateness lateness;
        private boolean isTakenOn;

        private Caller(StormControl.Lateness lateness) {
            this.lateness = lateness;
            isTakenOn = isOff;
        }

        /** Returns whether to hang up before its first bytes are read. */
        boolean isRefusedUnheard(boolean isTls) {
            return !isOff && control.refusesUnheard(isTls, lateness, RealClock.nanos());
        }

        /**
         * Judges a client by its bytes alone, while the server is under strain and they are the whole request of one that has nothing to
         * show: to take a request apart is half of the work.
         *
         * @return when it is to come back; null when it is taken on, or has to be asked for its head
         */
        StormControl.@Nullable Slot slotUnparsed(ByteBuf bytes, @Nullable String healthPath) {
            boolean isJudged = !isOff
                    && control.isStrained(RealClock.nanos())
                    && bytes.readableBytes() <= LONGEST_UNPARSED
                    && isPlain(bytes.toString(StandardCharsets.ISO_8859_1), healthPath);
            return isJudged ? ask(null) : null;
        }

        private boolean isPlain(String head, @Nullable String healthPath) {
            return head.startsWith("GET ")
                    && head.endsWith("\r\n\r\n")
                    && !TO_BE_PARSED.matcher(head).find()
                    && (healthPath == null || !head.startsWith(healthPath, "GET ".length()));
        }

        /** Judges a client once; returns null when it is taken on, else when it is to come back. */
        StormControl.@Nullable Slot slot(HttpRequest head) {
            return isTakenOn ? null : ask(head.headers().get(Ticket.HEADER));
        }

        private StormControl.@Nullable Slot ask(@Nullable String ticket) {
            StormControl.Slot slot = control.handleRequest(ticket, lateness, RealClock.nanos());
            isTakenOn = slot == null;
            return slot;
        }
    }

    /** A client that was taken on is let in. */
    void handleLetIn() {
        control.handleCompleted(RealClock.nanos());
    }

    /** Returns the headers of a 503 that says when to come back. */
    static Map<String, String> headersOf(StormControl.Slot slot) {
        long millis = millisOf(slot);
        Map<String, String> headers = new LinkedHashMap<>();
        // RFC 9110 §10.2.3: "delay-seconds", a whole number. Rounded up: nobody is early who can read no more than
        // this.
        headers.put("retry-after", Long.toString((millis + 999) / 1_000));
        headers.put(Ticket.RETRY_AFTER_MS, Long.toString(millis));
        if (slot.ticket() != null) {
            headers.put(Ticket.HEADER, slot.ticket());
        }
        return headers;
    }

    /** Returns the close of a client that must be let in to be told anything. */
    static CloseStatus closeOf(StormControl.Slot slot) {
        return CloseStatus.tryAgainLater(slot.delay());
    }

    private static long millisOf(StormControl.Slot slot) {
        return TimeUnit.NANOSECONDS.toMillis(slot.delay().toNanos() + 999_999);
    }

    StormControl.Counts counts() {
        return control.counts();
    }
}
