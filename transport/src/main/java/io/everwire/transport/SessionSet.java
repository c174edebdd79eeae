package io.everwire.transport;

import io.everwire.Session;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sessions, each once, in no order: open addressing in small tables, which takes 6 to 11 bytes a session, a fifth of what a map of the JDK
 * takes, and never rehashes all of them at once. An iterator shows the sessions of the moment in which it was made.
 *
 * <p><b>Thread safety.</b> Any thread; one lock for each table, held for a few instructions.
 *
 * @param <S> what kind of session
 */
public final class SessionSet<S extends Session> extends AbstractCollection<S> {
    private static final int TABLES = 64;

    private final List<Table> tables = new ArrayList<>(TABLES);

    /** Linear probing; a removed session leaves no mark, those behind it move up. */
    @SuppressWarnings("ReferenceEquality") // A session is the same as itself, and no other.
    private static final class Table {
        private static final int SMALLEST = 8;

        private @Nullable Session[] places = new Session[SMALLEST];
        private int size;

        synchronized boolean add(Session session) {
            int place = find(session);
            if (places[place] == session) {
                return false;
            }
            places[place] = session;
            size++;
            if (size * 4 > places.length * 3) {
                resize(2 * places.length);
            }
            return true;
        }

        synchronized boolean remove(Session session) {
            int gap = find(session);
            if (places[gap] != session) {
                return false;
            }
            int mask = places.length - 1;
            places[gap] = null;
            for (int at = gap + 1 & mask; ; at = at + 1 & mask) {
                Session next = places[at];
                if (next == null) {
                    break;
                }
                int home = homeOf(next);
                boolean mayMove = gap <= at ? home <= gap || home > at : home <= gap && home > at;
                if (mayMove) {
                    places[gap] = next;
                    places[at] = null;
                    gap = at;
                }
            }
            size--;
            if (places.length > SMALLEST && size * 8 < places.length) {
                resize(places.length / 2);
            }
            return true;
        }

        private void resize(int capacity) {
            @Nullable Session[] old = places;
            places = new Session[capacity];
            for (Session session : old) {
                if (session != null) {
                    places[find(session)] = session;
                }
            }
        }

        /** Returns where the session is, or the free place where it would be. */
        private int find(Session session) {
            int place = homeOf(session);
            while (places[place] != null && places[place] != session) {
                place = place + 1 & places.length - 1;
            }
            return place;
        }

        private int homeOf(Session session) {
            return hash(session) / TABLES & places.length - 1;
        }

        synchronized @Nullable Session[] copy() {
            return Arrays.copyOf(places, places.length);
        }

        synchronized int size() {
            return size;
        }
    }

    /** Makes an empty set. */
    public SessionSet() {
        for (int i = 0; i < TABLES; i++) {
            tables.add(new Table());
        }
    }

    private static int hash(Session session) {
        int hash = System.identityHashCode(session) * 0x9E37_79B9;
        return hash ^ hash >>> 15;
    }

    private Table tableOf(Session session) {
        return tables.get(hash(session) & TABLES - 1);
    }

    @Override
    public boolean add(S session) {
        return tableOf(session).add(session);
    }

    @Override
    public boolean remove(@Nullable Object session) {
        return session instanceof Session present && tableOf(present).remove(present);
    }

    @Override
    public int size() {
        int size = 0;
        for (Table table : tables) {
            size += table.size();
        }
        return size;
    }

    @Override
    @SuppressWarnings("unchecked") // Only such are added.
    public Iterator<S> iterator() {
        List<S> all = new ArrayList<>();
        for (Table table : tables) {
            for (Session session : table.copy()) {
                if (session != null) {
                    all.add((S) session);
                }
            }
        }
        return all.iterator();
    }
}
