package io.everwire.session;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Entries by a key that each of them knows itself, in no order: open addressing, which takes 6 to 11 bytes an entry, a fifth of what a
 * map of the JDK takes beside it.
 *
 * <p><b>Thread safety.</b> None.
 *
 * @param <K> what an entry is found by; a well-behaved {@code equals} is enough, for the hash comes from elsewhere
 * @param <E> an entry
 */
public final class OpenTable<K, E> {
    private static final int SMALLEST = 8;

    private final Function<? super E, ? extends K> keyOf;
    private final ToIntFunction<? super K> hashOf;
    /** Linear probing; a removed entry leaves no mark, those behind it move up. */
    private @Nullable Object[] places = new Object[SMALLEST];

    private int size;

    /**
     * Makes an empty table.
     *
     * @param keyOf the key of an entry, always the same one
     * @param hashOf a number that is spread well in its lower bits
     */
    public OpenTable(Function<? super E, ? extends K> keyOf, ToIntFunction<? super K> hashOf) {
        this.keyOf = keyOf;
        this.hashOf = hashOf;
    }

    /** Returns the entry with this key, null for none. */
    public @Nullable E find(K key) {
        return at(placeOf(key));
    }

    /**
     * Adds an entry unless there is one with its key.
     *
     * @return the one that was there, null for none
     */
    public @Nullable E putIfAbsent(E entry) {
        int place = placeOf(keyOf.apply(entry));
        E there = at(place);
        if (there == null) {
            places[place] = entry;
            size++;
            if (size * 4 > places.length * 3) {
                resize(2 * places.length);
            }
        }
        return there;
    }

    /** Removes the entry with this key and returns it, null when there was none. */
    public @Nullable E remove(K key) {
        int place = placeOf(key);
        E removed = at(place);
        if (removed != null) {
            close(place);
            size--;
            if (places.length > SMALLEST && size * 8 < places.length) {
                resize(places.length / 2);
            }
        }
        return removed;
    }

    /** Fills a place that becomes free with what stands behind it and might stand there. */
    private void close(int place) {
        int mask = places.length - 1;
        int gap = place;
        places[gap] = null;
        int next = (gap + 1) & mask;
        for (E entry = at(next); entry != null; entry = at(next)) {
            int home = homeOf(keyOf.apply(entry));
            // How far it is from where it is looked for first, all the way round.
            if (((next - home) & mask) >= ((next - gap) & mask)) {
                places[gap] = entry;
                places[next] = null;
                gap = next;
            }
            next = (next + 1) & mask;
        }
    }

    private void resize(int capacity) {
        List<E> all = all();
        places = new Object[capacity];
        for (E entry : all) {
            places[placeOf(keyOf.apply(entry))] = entry;
        }
    }

    /** Returns where the entry with this key is, or the free place where it would be. */
    private int placeOf(K key) {
        int place = homeOf(key);
        for (E there = at(place); there != null && !keyOf.apply(there).equals(key); there = at(place)) {
            place = (place + 1) & (places.length - 1);
        }
        return place;
    }

    private int homeOf(K key) {
        return hashOf.applyAsInt(key) & (places.length - 1);
    }

    @SuppressWarnings("unchecked") // Only entries are put in.
    private @Nullable E at(int place) {
        return (E) places[place];
    }

    /** Returns the entries of this moment. */
    public List<E> all() {
        List<E> all = new ArrayList<>(size);
        for (int place = 0; place < places.length; place++) {
            E entry = at(place);
            if (entry != null) {
                all.add(entry);
            }
        }
        return all;
    }

    /** Returns how many entries there are. */
    public int size() {
        return size;
    }
}
