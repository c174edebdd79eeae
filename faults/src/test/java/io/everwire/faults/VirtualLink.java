package io.everwire.faults;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A {@link Link} in virtual time: it is polled as its contract asks, and what comes out is written down. */
final class VirtualLink {

    private static final long MILLI = 1_000_000;

    /** Far from zero, so that nothing takes a time for an absolute one; the clock even passes zero. */
    private static final long START = -5_000 * MILLI;

    private final Link link;
    private final List<String> arrivals = new ArrayList<>();
    private final StringBuilder up = new StringBuilder();
    private final StringBuilder down = new StringBuilder();
    private ActiveFaults faults;
    private long nowNanos = START;

    VirtualLink(String... faults) {
        this(1, faults);
    }

    VirtualLink(long seed, String... faults) {
        this.faults = ActiveFaults.NONE;
        for (String fault : faults) {
            this.faults = this.faults.with(Fault.parse(fault));
        }
        link = new Link(new SplittableRandom(seed), this.faults, nowNanos);
    }

    Link link() {
        return link;
    }

    VirtualLink send(Direction direction, String text) {
        link.handleBytes(direction, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), nowNanos);
        return drain();
    }

    VirtualLink end(Direction direction) {
        link.handleEnd(direction, nowNanos);
        return drain();
    }

    VirtualLink abort(Direction direction) {
        link.handleAbort(direction, nowNanos);
        return drain();
    }

    VirtualLink lostRequestSince(long millis) {
        link.handleLostRequest(START + millis * MILLI, nowNanos);
        return drain();
    }

    VirtualLink apply(String text) {
        Fault fault = Fault.parse(text);
        faults = faults.with(fault);
        if (fault instanceof Reset) {
            link.abort(nowNanos);
        } else {
            link.handleFaults(faults, nowNanos);
        }
        return drain();
    }

    /** Lets time pass until so many milliseconds after the start, stopping at every deadline. */
    VirtualLink at(long millis) {
        long end = START + millis * MILLI;
        for (long next = deadline(); next != Flow.NO_DEADLINE && next - end < 0; next = deadline()) {
            nowNanos = Math.max(nowNanos, next);
            drain();
        }
        nowNanos = end;
        return drain();
    }

    /** Everything that arrived, as {@code "200 UP hello"}, in milliseconds after the start. */
    List<String> arrivals() {
        return arrivals;
    }

    String received(Direction direction) {
        return (direction == Direction.UP ? up : down).toString();
    }

    private long deadline() {
        return Math.min(link.deadlineNanos(Direction.UP), link.deadlineNanos(Direction.DOWN));
    }

    private VirtualLink drain() {
        do {
            for (Direction direction : Direction.values()) {
                write(direction, link.poll(direction, nowNanos));
            }
        } while (deadline() <= nowNanos);
        return this;
    }

    private void write(Direction direction, @Nullable Piece piece) {
        if (piece == null) {
            return;
        }
        String what = piece.getClass().getSimpleName();
        if (piece instanceof Piece.Bytes taken) {
            what = StandardCharsets.US_ASCII.decode(taken.bytes()).toString();
            (direction == Direction.UP ? up : down).append(what);
        }
        arrivals.add("%d %s %s".formatted((nowNanos - START) / MILLI, direction, what));
    }
}
