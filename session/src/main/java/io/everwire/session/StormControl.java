package io.everwire.session;

import io.everwire.StormPolicy;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which opening handshakes a server takes on, and when those that it sends away are to come back. One per server.
 *
 * <p>Who is sent away gets the next free slot of a virtual queue that moves nine tenths as fast as the server can; the last tenth is
 * for newcomers, and so is every slot whose owner does not come. A slot is written on a signed ticket: who shows it when it is due
 * goes before newcomers, and who does not come back costs nothing, for nothing is remembered of anybody.
 *
 * <p><b>Thread safety.</b> Any thread: requests come on several event loops. The lock is held for a few instructions and one
 * signature, and never while other code runs.
 */
public final class StormControl {
    /** The size of a key, in bytes. */
    public static final int KEY_BYTES = 32;

    /** Nobody is told to come back sooner: the server is at work on others who are there already. */
    static final long SHORTEST_WAIT = 250 * Nanos.MILLI;

    /** Who comes this much before his slot is on time: clocks differ. */
    static final long EARLY = 50 * Nanos.MILLI;

    /** A slot is kept for this long, in which an attempt can fail once and be made again. */
    static final long LONGEST_LATE = 10 * Nanos.SECOND;

    /** The bucket holds what flows in within this many seconds. */
    private static final double BURST = 1;

    /** What newcomers leave in the bucket for those whose slot is due, as a part of what it holds. */
    private static final double RESERVE = 0.25;

    private final long horizon;
    /** How many a second may be taken on; 0 when the server itself is the only limit. */
    private final int allowed;

    private final Tokens tokens;

    private final Strain lag;
    private final Strain queue;
    private final Capacity capacity;
    private final Tickets tickets;
    private final DoubleSupplier random;
    private long nextSlotNanos;
    private long admitted;
    private long admittedByTicket;
    private long refused;
    private long refusedUnheard;

    /**
     * How late a server is with one client.
     *
     * @param lagNanos how late its event loop is with the connections that it has
     * @param unreadNanos how long what the client has sent lay unread
     * @param waiting how many others wait behind it, as far as that is known; at least 0
     */
    public record Lateness(long lagNanos, long unreadNanos, int waiting) {
        /** Not late at all. */
        public static final Lateness NONE = new Lateness(0, 0, 0);
    }

    /**
     * When a client that is sent away is to come back.
     *
     * @param delay from now
     * @param ticket to be shown then, 22 characters of base64url; null when the queue is too long, so that this is no slot but a time to
     *     ask again
     */
    public record Slot(Duration delay, @Nullable String ticket) {}

    /**
     * What was decided so far.
     *
     * @param admitted opening handshakes that were taken on
     * @param admittedByTicket those of them that came with a ticket when it was due
     * @param refused those that were sent away with a slot
     * @param refusedUnheard those that were hung up on without a word
     * @param perSecond how many a second the server is believed to manage
     */
    public record Counts(long admitted, long admittedByTicket, long refused, long refusedUnheard, int perSecond) {}

    /**
     * Makes one for a server that begins.
     *
     * @param key 32 bytes that nobody can guess
     * @param random values in [0, 1)
     * @throws IllegalArgumentException when the key has another size
     */
    public StormControl(StormPolicy policy, byte[] key, DoubleSupplier random, long nowNanos) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes, not " + key.length);
        }
        allowed = policy.handshakesPerSecond();
        horizon = Nanos.of(policy.horizon());
        tokens = new Tokens(allowed, nowNanos);
        lag = new Strain(Nanos.orOff(policy.lag()), nowNanos);
        queue = new Strain(Nanos.orOff(policy.patience()), nowNanos);
        capacity = new Capacity(allowed, nowNanos);
        tickets = new Tickets(key, nowNanos);
        this.random = random;
        nextSlotNanos = nowNanos;
    }

    /**
     * A client asks for its opening handshake.
     *
     * @param ticket what it shows, null when it shows none; one of another server, or of another life of this one, is none
     * @param lateness how late the server is with it
     * @param nowNanos the present
     * @return null when it is taken on, else when it is to come back
     */
    public synchronized @Nullable Slot handleRequest(@Nullable String ticket, Lateness lateness, long nowNanos) {
        measure(lateness, nowNanos);
        Long slot = ticket == null ? null : tickets.read(ticket);
        if (ticket != null && slot != null && slot - nowNanos > EARLY) {
            refused++;
            capacity.handleRefused();
            return new Slot(Duration.ofNanos(slot - nowNanos), ticket);
        }
        boolean isExpected = slot != null && nowNanos - slot <= LONGEST_LATE;
        boolean isOverloaded = isExpected ? isSevere(lateness, nowNanos) : isHigh(lateness, nowNanos);
        if (isOverloaded || !takeToken(isExpected, nowNanos)) {
            refused++;
            capacity.handleRefused();
            return draw(lateness, nowNanos);
        }
        admitted++;
        admittedByTicket += isExpected ? 1 : 0;
        return null;
    }

    private void measure(Lateness lateness, long now) {
        lag.measure(lateness.lagNanos(), now);
        queue.measure(lateness.unreadNanos(), now);
        capacity.handleStrain(isStrained(now), now);
    }

    private boolean isHigh(Lateness lateness, long now) {
        return lag.isHigh(now) || (queue.isHigh(now) && !isInReach(lateness));
    }

    private boolean isSevere(Lateness lateness, long now) {
        return lag.isSevere(now) || (queue.isSevere(now) && !isInReach(lateness));
    }

    /**
     * Returns whether at the present speed all who wait are served within twice the patience, the time that clients have. Then waiting is
     * cheaper for everybody than coming again.
     */
    private boolean isInReach(Lateness lateness) {
        long soFar = Math.max(lateness.unreadNanos(), queue.smoothedDelay());
        return !queue.isTwice(soFar + untilServed(lateness));
    }

    private long untilServed(Lateness lateness) {
        return capacity.nanosFor(lateness.waiting());
    }

    private boolean takeToken(boolean isExpected, long now) {
        double perSecond = allowed == 0 ? capacity.perSecond() : allowed;
        double most = Math.max(1, perSecond * BURST);
        boolean mayRefuse = allowed > 0 || nextSlotNanos - now > 0;
        return tokens.take(isExpected ? 0 : Math.floor(most * RESERVE), perSecond, most, now) || !mayRefuse;
    }

    private Slot draw(Lateness lateness, long now) {
        // Who is there already comes first. How long they take is known by their number, or else by how long those
        // took who were before them.
        long others = lateness.waiting() > 0 ? untilServed(lateness) : queue.smoothedDelay();
        long slot = Nanos.later(nextSlotNanos, now + Math.max(SHORTEST_WAIT, Math.min(others, queue.smoothedDelay())));
        if (slot - now > horizon) {
            long later = (long) (horizon * (0.5 + 0.5 * random.getAsDouble()));
            return new Slot(Duration.ofNanos(later), null);
        }
        nextSlotNanos = slot + spacing(slot - now);
        return new Slot(Duration.ofNanos(slot - now), tickets.write(slot));
    }

    private long spacing(long delay) {
        return Nanos.SECOND * 10 / 9 / capacity.perSecondAfter(delay);
    }

    /**
     * A client's first bytes are about to be read.
     *
     * @param isTls whether it begins TLS, which costs more than all that follows
     * @param lateness how late the server is with it
     * @return whether to hang up on it at once, without a slot: where telling it one is too dear, or it has most likely given up by now
     */
    public synchronized boolean refusesUnheard(boolean isTls, Lateness lateness, long nowNanos) {
        boolean isGone = queue.isTwice(lateness.unreadNanos());
        if (!(isTls || isGone)) {
            return false;
        }
        measure(lateness, nowNanos);
        boolean isRefused = isSevere(lateness, nowNanos);
        refusedUnheard += isRefused ? 1 : 0;
        return isRefused;
    }

    /** Returns whether the server is late, so that newcomers may be sent away. */
    public synchronized boolean isStrained(long nowNanos) {
        return lag.isHigh(nowNanos) || queue.isHigh(nowNanos);
    }

    /** An opening handshake that was taken on has succeeded. */
    public synchronized void handleCompleted(long nowNanos) {
        capacity.handleCompleted(nowNanos);
    }

    /** Returns what was decided so far. */
    public synchronized Counts counts() {
        return new Counts(admitted, admittedByTicket, refused, refusedUnheard, capacity.perSecond());
    }
}
