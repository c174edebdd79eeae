package io.everwire.faults;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection under faults: bytes go in, and come out later, in order.
 *
 * <p>The contract is that of all engines: inputs are {@code handle…(…, nowNanos)} with a time that never goes back,
 * outputs are pulled with {@link #poll}. After every input poll until null, then read {@link #deadlineNanos()} and poll
 * again at that time; polling early or twice is safe. Not polling is backpressure: bytes stay here, and
 * {@link #wantsBytes()} says when there are enough. Not thread-safe.
 *
 * <pre>
 *   handleBytes ──▶ delay ──▶ [ held while cut or muted ] ──▶ rate ──▶ slice ──▶ poll
 * </pre>
 *
 * <p>A cut holds what arrives, and after the heal lets it go at the first instant at which TCP would send it again. An
 * abort (RST) that meets a cut is lost for ever, as TCP never repeats one: the sender has <em>vanished</em>, with
 * everything that was held for it, and the other side learns it only from the answer to something it sends later.
 */
public final class Flow {

    /** The {@link #deadlineNanos()} of a flow that waits for nothing. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** The most bytes a driver should hand over at once. */
    public static final int READ_BYTES = 16 * 1024;

    /** How many bytes are held before the sender has to wait, unless a delay keeps more under way. */
    static final int HELD_BYTES = 64 * 1024;

    /** How many bytes a delay may keep under way, so that it does not act as a rate. */
    static final int DELAYED_BYTES = 1024 * 1024;

    private static final byte[] NOTHING = {};

    private final Direction direction;
    private final RandomGenerator random;
    private final ArrayDeque<Segment> queue = new ArrayDeque<>();
    private @Nullable Delay delay;
    private @Nullable Rate rate;
    private @Nullable Slice slice;
    private long heldBytes;
    private long lastDueNanos;
    private long lineFreeNanos;

    private boolean cut;
    private boolean muted;
    private boolean ended;
    private boolean vanished;

    /** Not null from the first thing lost in a cut until TCP has sent it again. */
    private @Nullable Lost lost;

    /**
     * Makes the flow of a connection that is opened now.
     *
     * @param direction which way it goes
     * @param random where jitter comes from; not shared with another flow if runs are to be repeatable
     * @param nowNanos the time
     */
    public Flow(Direction direction, RandomGenerator random, long nowNanos) {
        this.direction = direction;
        this.random = random;
        this.lastDueNanos = nowNanos;
        this.lineFreeNanos = nowNanos;
    }

    /** The sender has sent bytes; they are copied. Nothing happens after its end or abort. */
    public void handleBytes(ByteBuffer bytes, long nowNanos) {
        if (ended || !bytes.hasRemaining()) {
            return;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        heldBytes += copy.length;
        add(Kind.BYTES, copy, nowNanos);
    }

    /** The sender has ended its direction (FIN). */
    public void handleEnd(long nowNanos) {
        if (!ended) {
            ended = true;
            add(Kind.END, NOTHING, nowNanos);
        }
    }

    /** The sender has aborted the connection (RST), which ends its direction too. */
    public void handleAbort(long nowNanos) {
        if (vanished || (ended && isAborting())) {
            return;
        }
        ended = true;
        if (cut) {
            vanish();
            return;
        }
        forgetLossThatIsOver(nowNanos);
        if (lost != null) {
            clear(); // sent, lost, and now never sent again: its sender is gone
            lost = null;
        }
        add(Kind.ABORT, NOTHING, nowNanos);
    }

    /** Something has reached a sender that vanished: its kernel answers with RST, in this direction. */
    void handleAnswer(long nowNanos) {
        if (vanished && queue.isEmpty()) {
            add(Kind.ABORT, NOTHING, nowNanos);
        }
    }

    /** What the sender sends first was lost at the given time, although it will be seen only later. */
    void handleLoss(long sentNanos) {
        lost = new Lost(sentNanos);
    }

    /** From now on the given faults are active, and no others. */
    public void handleFaults(ActiveFaults faults, long nowNanos) {
        Rate earlierRate = rate;
        delay = faults.find(Delay.class).orElse(null);
        rate = faults.find(Rate.class).orElse(null);
        slice = faults.find(Slice.class).orElse(null);
        if (!Objects.equals(rate, earlierRate)) {
            lineFreeNanos = nowNanos;
        }
        if (delay == null) {
            lastDueNanos = nowNanos;
            queue.forEach(segment -> segment.dueNanos = earlier(segment.dueNanos, nowNanos));
        }
        muted &= faults.has(MuteUpgrade.class);
        boolean cutNow = faults.cuts(direction);
        if (cutNow && !cut) {
            cut = true;
            forgetLossThatIsOver(nowNanos);
            loseWhatIsUnderWay(nowNanos);
        } else if (!cutNow && cut) {
            cut = false;
            if (lost != null) {
                lost.healedNanos = nowNanos;
            }
        }
    }

    /** Nothing comes out of this flow until {@link MuteUpgrade} is over. */
    void mute() {
        muted = true;
    }

    /** Drops everything and aborts the receiver, whatever faults are active. */
    void abort(long nowNanos) {
        clear();
        lost = null;
        ended = true;
        cut = false;
        muted = false;
        queue.add(new Segment(Kind.ABORT, NOTHING, nowNanos));
    }

    /**
     * Takes what comes out now.
     *
     * @param limitBytes the most bytes to take; at least 1
     * @param nowNanos the time
     * @return the next piece, or null if there is none yet
     */
    public @Nullable Piece poll(long limitBytes, long nowNanos) {
        long dueNanos = deadlineNanos();
        if (dueNanos == NO_DEADLINE || dueNanos - nowNanos > 0) {
            return null;
        }
        forgetLossThatIsOver(nowNanos);
        Segment head = queue.element();
        if (head.kind != Kind.BYTES) {
            queue.remove();
            return head.kind == Kind.END ? new Piece.End() : new Piece.Abort();
        }
        int bytes = (int) Math.min(limitBytes, Math.min(pieceBytes(), head.bytes.remaining()));
        if (rate != null) {
            lineFreeNanos = dueNanos + rate.busyNanos(bytes);
        }
        return new Piece.Bytes(take(head, bytes));
    }

    /** When {@link #poll} gives something next, perhaps in the past, or {@link #NO_DEADLINE}. */
    public long deadlineNanos() {
        Segment head = queue.peek();
        if (head == null || cut || muted) {
            return NO_DEADLINE;
        }
        long dueNanos = lost == null ? head.dueNanos : later(head.dueNanos, lost.againNanos());
        boolean paced = head.kind == Kind.BYTES && rate != null;
        return paced ? later(dueNanos, lineFreeNanos) : dueNanos;
    }

    /** Whether the driver should go on reading from the sender. */
    public boolean wantsBytes() {
        return !ended && heldBytes < limitBytes();
    }

    /** How many bytes went in and did not come out yet. */
    public long heldBytes() {
        return heldBytes;
    }

    /** Whether the sender aborted into a cut: it is gone, and nobody knows. */
    public boolean hasVanished() {
        return vanished;
    }

    private void add(Kind kind, byte[] bytes, long nowNanos) {
        if (cut && lost == null) {
            lost = new Lost(nowNanos);
        }
        long delayNanos = delay == null ? 0 : delay.drawNanos(random);
        lastDueNanos = later(lastDueNanos, nowNanos + delayNanos);
        queue.add(new Segment(kind, bytes, lastDueNanos));
    }

    /** What did not get through before the cut counts as sent at the moment of the cut. */
    private void loseWhatIsUnderWay(long nowNanos) {
        if (!vanished && isAborting()) {
            vanish();
        } else if (!queue.isEmpty() && lost == null) {
            lost = new Lost(nowNanos);
        }
    }

    /** What was sent again is lost no more, even if it was not polled yet. */
    private void forgetLossThatIsOver(long nowNanos) {
        if (lost != null && lost.againNanos() - nowNanos <= 0) {
            lineFreeNanos = later(lineFreeNanos, lost.againNanos());
            lost = null;
        }
    }

    private boolean isAborting() {
        Segment last = queue.peekLast();
        return last != null && last.kind == Kind.ABORT;
    }

    private void vanish() {
        vanished = true;
        clear();
        lost = null;
    }

    private void clear() {
        queue.clear();
        heldBytes = 0;
    }

    private ByteBuffer take(Segment head, int bytes) {
        ByteBuffer taken = head.bytes.slice(head.bytes.position(), bytes);
        head.bytes.position(head.bytes.position() + bytes);
        if (!head.bytes.hasRemaining()) {
            queue.remove();
        }
        heldBytes -= bytes;
        return taken;
    }

    private int pieceBytes() {
        int portionBytes = rate == null ? READ_BYTES : rate.portionBytes();
        return slice == null ? portionBytes : Math.min(slice.bytes(), portionBytes);
    }

    /** A delay keeps bytes under way, but with a rate only as many as the line takes in that time. */
    private long limitBytes() {
        if (cut || muted || delay == null) {
            return HELD_BYTES;
        }
        double lineSeconds = delay.delay().toNanos() / 1e9;
        double underWayBytes = rate == null ? DELAYED_BYTES : lineSeconds * rate.bitsPerSecond() / 8;
        return HELD_BYTES + (long) Math.min(underWayBytes, DELAYED_BYTES);
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }

    private enum Kind {
        BYTES,
        END,
        ABORT
    }

    private static final class Segment {
        private final Kind kind;
        private final ByteBuffer bytes;
        private long dueNanos;

        Segment(Kind kind, byte[] bytes, long dueNanos) {
            this.kind = kind;
            this.bytes = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
            this.dueNanos = dueNanos;
        }
    }

    /** The first thing that was lost in a cut, and when it is sent again. */
    private static final class Lost {
        private final long sentNanos;
        private long healedNanos;

        Lost(long sentNanos) {
            this.sentNanos = sentNanos;
            this.healedNanos = sentNanos;
        }

        long againNanos() {
            return Retransmission.OPEN.firstAtOrAfter(sentNanos, healedNanos);
        }
    }
}
