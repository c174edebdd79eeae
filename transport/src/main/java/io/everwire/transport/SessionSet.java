package io.everwire.transport;

import io.everwire.Session;
import io.everwire.session.OpenTable;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sessions, each once, in no order, in small tables that are never rehashed all at once. An iterator shows the sessions of the moment in which it was made.
 *
 * <p><b>Thread safety.</b> Any thread; one lock for each table, held for a few instructions.
 *
 * @param <S> what kind of session
 */
public final class SessionSet<S extends Session> extends AbstractCollection<S> {
    private static final int TABLES = 64;

    private final List<Table> tables = new ArrayList<>(TABLES);

    /** One lock's part of them. A session is the same as itself, and no other. */
    private static final class Table {
        private final OpenTable<Session, Session> sessions =
                new OpenTable<>(session -> session, session -> hash(session) / TABLES);

        synchronized boolean add(Session session) {
            return sessions.putIfAbsent(session) == null;
        }

        synchronized boolean remove(Session session) {
            return sessions.remove(session) != null;
        }

        synchronized List<Session> all() {
            return sessions.all();
        }

        synchronized int size() {
            return sessions.size();
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
            for (Session session : table.all()) {
                all.add((S) session);
            }
        }
        return Collections.unmodifiableList(all).iterator();
    }
}
