package io.everwire.transport;

import io.everwire.session.OpenTable;
import io.everwire.session.resume.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that live in this process by their ids, one for each, in small tables that are never rehashed all at once.
 *
 * <p><b>Thread safety.</b> Any thread; one lock for each table, held for a few instructions.
 */
final class Lodgers {
    private static final int TABLES = 64;

    private final List<Table> tables = Stream.generate(Table::new).limit(TABLES).toList();

    private static final class Table {
        private final OpenTable<SessionId, Lodger> lodgers =
                new OpenTable<>(lodger -> lodger.engine.sid(), sid -> sid.spread() / TABLES);

        synchronized @Nullable Lodger find(SessionId sid) {
            return lodgers.find(sid);
        }

        synchronized Lodger add(Lodger fresh) {
            Lodger known = lodgers.putIfAbsent(fresh);
            return known == null ? fresh : known;
        }

        @SuppressWarnings("ReferenceEquality") // Another one with its id stays.
        synchronized void remove(Lodger lodger) {
            SessionId sid = lodger.engine.sid();
            if (lodgers.find(sid) == lodger) {
                lodgers.remove(sid);
            }
        }

        synchronized List<Lodger> all() {
            return lodgers.all();
        }

        synchronized int size() {
            return lodgers.size();
        }
    }

    private Table tableOf(SessionId sid) {
        return tables.get(sid.spread() & TABLES - 1);
    }

    @Nullable Lodger find(SessionId sid) {
        return tableOf(sid).find(sid);
    }

    /** Adds a lodger unless there is one with its id; returns the one that is there now. */
    Lodger add(Lodger fresh) {
        return tableOf(fresh.engine.sid()).add(fresh);
    }

    /** Removes this one, if it is the one that is known by its id. */
    void remove(Lodger lodger) {
        tableOf(lodger.engine.sid()).remove(lodger);
    }

    /** Returns those of this moment. */
    List<Lodger> all() {
        List<Lodger> all = new ArrayList<>();
        for (Table table : tables) {
            all.addAll(table.all());
        }
        return all;
    }

    int size() {
        int size = 0;
        for (Table table : tables) {
            size += table.size();
        }
        return size;
    }
}
