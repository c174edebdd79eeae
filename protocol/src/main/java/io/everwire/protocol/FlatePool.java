package io.everwire.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The deflaters and inflaters of one event loop, which connections borrow for one message at a time. Their memory is outside the heap, up
 * to 264 KiB and 44 KiB each, and is freed by {@link #sweep} when it is not used, not by the garbage collector.
 *
 * <p>A deflater that keeps a connection's context stays with it; but of these there are {@value #MOST_KEPT} at most, which is 66 MiB. Who
 * used its own least recently loses it to the next: between two messages that is always allowed, for a deflater may forget what its peer
 * remembers.
 *
 * <p>Not thread-safe: one event loop, one pool.
 */
public final class FlatePool {
    /** The most deflaters that keep a connection's context. */
    public static final int MOST_KEPT = 256;

    private static final int LEVELS = 10;
    private static final byte[] NOTHING = {};

    /** By level: a deflater whose level is changed does not do at once what it is told to. */
    private final List<Shelf<Deflater>> deflaters = new ArrayList<>();

    private final Shelf<Inflater> inflaters;
    /** Who keeps a deflater, the least recent first, and in which interval between two sweeps it was used last. */
    private final Map<MessageDeflater, Long> keepers = new LinkedHashMap<>(16, 0.75f, true);

    private long interval;
    private int alive;
    private boolean isClosed;

    /** Makes an empty one. */
    public FlatePool() {
        for (int level = 0; level < LEVELS; level++) {
            int itsLevel = level;
            deflaters.add(new Shelf<>(() -> new Deflater(itsLevel, true), Deflater::reset, Deflater::end));
        }
        inflaters = new Shelf<>(() -> new Inflater(true), Inflater::reset, Inflater::end);
    }

    /** What is free of one kind. The most recent is lent first, so that those below the low-water mark were of no use. */
    private final class Shelf<T> {
        private final ArrayDeque<T> free = new ArrayDeque<>();
        private final Supplier<T> maker;
        private final Consumer<T> reset;
        private final Consumer<T> end;
        private int unused;

        Shelf(Supplier<T> maker, Consumer<T> reset, Consumer<T> end) {
            this.maker = maker;
            this.reset = reset;
            this.end = end;
        }

        T borrow() {
            T lent = free.pollLast();
            if (lent == null) {
                alive++;
                return maker.get();
            }
            unused = Math.min(unused, free.size());
            return lent;
        }

        void giveBack(T lent) {
            if (isClosed) {
                alive--;
                end.accept(lent);
            } else {
                // Not only its state: it lets go of the message, too.
                reset.accept(lent);
                free.addLast(lent);
            }
        }

        void sweep() {
            for (; unused > 0; unused--) {
                alive--;
                end.accept(free.removeFirst());
            }
            unused = free.size();
        }
    }

    Deflater borrowDeflater(int level) {
        return deflaters.get(level).borrow();
    }

    void giveBack(Deflater deflater, int level) {
        deflaters.get(level).giveBack(deflater);
    }

    Inflater borrowInflater() {
        return inflaters.borrow();
    }

    void giveBack(Inflater inflater) {
        inflaters.giveBack(inflater);
    }

    /** Notes that a connection has just used the deflater that it keeps; another one may lose its own. */
    void noteKept(MessageDeflater keeper, Deflater deflater) {
        // It would hold on to the message otherwise.
        deflater.setInput(NOTHING);
        keepers.put(keeper, interval);
        if (keepers.size() > MOST_KEPT || isClosed) {
            keepers.keySet().iterator().next().forget();
        }
    }

    void noteForgotten(MessageDeflater keeper) {
        keepers.remove(keeper);
    }

    /**
     * Frees what was not used since the last call, contexts included; call it now and then.
     *
     * @return whether anything is left, so that another call will be needed
     */
    public boolean sweep() {
        List<MessageDeflater> idle = new ArrayList<>();
        for (Iterator<Map.Entry<MessageDeflater, Long>> all = keepers.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<MessageDeflater, Long> oldest = all.next();
            if (oldest.getValue() == interval) {
                break;
            }
            idle.add(oldest.getKey());
        }
        idle.forEach(MessageDeflater::forget);
        interval++;
        deflaters.forEach(Shelf::sweep);
        inflaters.sweep();
        return alive > 0;
    }

    /** Frees everything; what is still lent is freed when it comes back. */
    public void close() {
        isClosed = true;
        List.copyOf(keepers.keySet()).forEach(MessageDeflater::forget);
        // What is free is unused by now.
        sweep();
        sweep();
    }

    /** Returns how many deflaters and inflaters there are that were not freed, lent ones included. */
    public int alive() {
        return alive;
    }
}
