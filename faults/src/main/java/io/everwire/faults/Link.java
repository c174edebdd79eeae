package io.everwire.faults;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One connection between a client and a server under faults: two {@link Flow}s, and what they have to do with each other.
 *
 * <p>An engine with the contract of {@link Flow}: after every input poll both directions until null, then read their
 * deadlines. Not thread-safe. {@link Refuse} and {@link AcceptThenClose} are not seen here: they concern connections
 * that never come to be.
 *
 * <p>Two things go beyond one direction. {@link CutAfter} ends both. And what reaches an endpoint that
 * {@linkplain Flow#hasVanished() vanished} is swallowed, and answered with an abort, as a kernel answers for a
 * connection it does not know any more.
 */
public final class Link {

    private final Map<Direction, Flow> flows = new EnumMap<>(Direction.class);
    private ActiveFaults faults;

    /** What ends this connection, null for nothing, and how many more bytes pass before it does. */
    private @Nullable CutAfter end;

    private long passBytes;

    /** Whether the end has come silently. */
    private boolean isLost;

    /**
     * Makes the link of a connection that has just been opened.
     *
     * @param random where jitter comes from; the same state gives the same jitter
     * @param faults what is active now; a {@link MuteUpgrade} among them mutes this connection
     * @param nowNanos the time
     */
    public Link(RandomGenerator random, ActiveFaults faults, long nowNanos) {
        this.faults = faults;
        expect(faults);
        for (Direction direction : Direction.values()) {
            Flow flow = new Flow(direction, new SplittableRandom(random.nextLong()), nowNanos);
            flow.handleFaults(faults, nowNanos);
            flows.put(direction, flow);
        }
        if (faults.has(MuteUpgrade.class)) {
            flow(Direction.DOWN).mute();
        }
    }

    /**
     * The client's first bytes were lost at the given time, in a cut that is over. They have not been seen yet, because
     * nobody read them.
     */
    public void handleLostRequest(long sentNanos, long nowNanos) {
        Flow up = flow(Direction.UP);
        up.handleFaults(faults.with(Blackhole.BOTH), nowNanos);
        up.handleLoss(sentNanos);
        up.handleFaults(faults, nowNanos);
    }

    /** Bytes have entered in the given direction; they are copied. */
    public void handleBytes(Direction direction, ByteBuffer bytes, long nowNanos) {
        flow(direction).handleBytes(bytes, nowNanos);
    }

    /** The sender of the given direction has ended it (FIN). */
    public void handleEnd(Direction direction, long nowNanos) {
        flow(direction).handleEnd(nowNanos);
    }

    /** The sender of the given direction has aborted the connection (RST). */
    public void handleAbort(Direction direction, long nowNanos) {
        flow(direction).handleAbort(nowNanos);
    }

    /** From now on the given faults are active, and no others. */
    public void handleFaults(ActiveFaults faults, long nowNanos) {
        if (!this.faults.find(CutAfter.class).equals(faults.find(CutAfter.class))) {
            expect(faults);
        }
        this.faults = faults;
        ActiveFaults here = isLost ? faults.with(Blackhole.BOTH) : faults;
        flows.values().forEach(flow -> flow.handleFaults(here, nowNanos));
    }

    private void expect(ActiveFaults faults) {
        end = faults.find(CutAfter.class).orElse(null);
        passBytes = end == null ? Long.MAX_VALUE : end.bytes();
        isLost = false;
    }

    /** Drops everything and aborts both sides, whatever faults are active. */
    public void abort(long nowNanos) {
        flows.values().forEach(flow -> flow.abort(nowNanos));
    }

    /**
     * Takes what leaves in the given direction now, or null if nothing does. What is swallowed on the way may make
     * something leave in the other direction, as its deadline then says.
     */
    public @Nullable Piece poll(Direction direction, long nowNanos) {
        Flow flow = flow(direction);
        Flow answers = flow(direction.opposite());
        long most = counts(direction) ? passBytes : Long.MAX_VALUE;
        Piece piece = flow.poll(most, nowNanos);
        while (piece != null && answers.hasVanished()) {
            answers.handleAnswer(nowNanos);
            piece = flow.poll(most, nowNanos);
        }
        if (piece instanceof Piece.Bytes taken && counts(direction)) {
            passBytes -= taken.bytes().remaining();
            if (passBytes == 0) {
                cut(nowNanos);
            }
        }
        return piece;
    }

    private boolean counts(Direction direction) {
        return end != null && end.counts(direction);
    }

    private void cut(long nowNanos) {
        boolean isSilent = end != null && end.isSilent();
        end = null;
        if (isSilent) {
            isLost = true;
            handleFaults(faults, nowNanos);
        } else {
            abort(nowNanos);
        }
    }

    /** When {@link #poll} gives something next in the given direction, or {@link Flow#NO_DEADLINE}. */
    public long deadlineNanos(Direction direction) {
        return flow(direction).deadlineNanos();
    }

    /** Whether the driver should go on reading from the sender of the given direction. */
    public boolean wantsBytes(Direction direction) {
        return flow(direction).wantsBytes();
    }

    /** Whether the sender of the given direction aborted into a cut: what goes to it needs no receiver any more. */
    public boolean hasVanished(Direction direction) {
        return flow(direction).hasVanished();
    }

    /** How many bytes are inside, both directions together. */
    public long heldBytes() {
        return flow(Direction.UP).heldBytes() + flow(Direction.DOWN).heldBytes();
    }

    private Flow flow(Direction direction) {
        Flow flow = flows.get(direction);
        if (flow == null) {
            throw new IllegalStateException("no flow goes " + direction);
        }
        return flow;
    }
}
