package io.everwire.session.resume;

import io.everwire.LossReason;
import io.everwire.session.OpenTable;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Outcome;
import io.everwire.session.resume.SessionStore.Positions;
import io.everwire.session.resume.SessionStore.Tombstone;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The rules of {@link SessionStore}, for those who write one: who owns a session, what may be written, what has expired. A store
 * asks it what a call means, and keeps the answer where it lasts.
 *
 * <p><b>Thread safety.</b> None: a store sees to it that one thread at a time is here.
 *
 * @param <M> what stands for a message that is kept: the message, or where it lies
 */
public final class SessionTable<M> {
    private final OpenTable<SessionId, Entry<M>> sessions = new OpenTable<>(entry -> entry.sid, SessionId::spread);
    private final Tombstones tombstones;

    /**
     * All that is known of a session but its messages.
     *
     * @param attempt the largest claimed, -1 for none
     * @param isDoubted whether its last writes may have been lost, so that it can only be told that it ended
     */
    public record State(long epoch, long attempt, Positions positions, long expiresMillis, boolean isDoubted) {}

    /** Keeps one message, and answers what stands for it from now on. */
    @FunctionalInterface
    public interface Keeper<T, M> {
        /** Called in order, and only for messages that are new. */
        M keep(long number, T message);
    }

    /** Is shown what a table holds. */
    public interface Visitor<M> {
        /** Called for each session, with what stands for the messages that were sent and not acknowledged, in order. */
        void onSession(SessionId sid, State state, Collection<M> messages);

        /** Called for each tombstone, in the order in which they were added, after the sessions. */
        void onTombstone(SessionId sid, Tombstone tombstone);
    }

    /** Makes an empty table. */
    public SessionTable() {
        this(new Tombstones());
    }

    /** Makes an empty table that shares its tombstones, and their limit, with others. */
    SessionTable(Tombstones tombstones) {
        this.tombstones = tombstones;
    }

    /** See {@link SessionStore#create}. */
    public Outcome create(SessionId sid, long nowMillis, long ttlMillis) {
        Entry<M> entry = sessions.find(sid);
        if (entry == null) {
            if (tombstones.find(sid, nowMillis) != null) {
                return Outcome.FENCED;
            }
            entry = new Entry<>(sid, 0);
            sessions.putIfAbsent(entry);
        } else if (!entry.isNew()) {
            return Outcome.FENCED;
        }
        entry.expiresMillis = nowMillis + ttlMillis;
        return Outcome.DONE;
    }

    /** See {@link SessionStore#claim}. A session that has expired, or is doubted, ends here. */
    public Claim claim(SessionId sid, long attempt, long nowMillis, long ttlMillis) {
        Entry<M> entry = sessions.find(sid);
        if (entry != null && (entry.isExpired(nowMillis) || entry.isDoubted)) {
            sessions.remove(sid);
            tombstones.add(sid, entry.tombstone(nowMillis));
            entry = null;
        }
        if (entry == null) {
            return new Claim.Gone(tombstones.find(sid, nowMillis));
        }
        if (attempt <= entry.attempt) {
            return new Claim.Stale(entry.attempt);
        }
        entry.attempt = attempt;
        entry.epoch++;
        entry.expiresMillis = nowMillis + ttlMillis;
        return new Claim.Claimed(entry.epoch, entry.positions());
    }

    /**
     * See {@link SessionStore#append}.
     *
     * @throws IllegalArgumentException when numbers would be left out
     */
    public <T> Outcome append(SessionId sid, long epoch, long first, List<T> messages, Keeper<T, M> keeper) {
        Entry<M> entry = owned(sid, epoch);
        if (entry == null) {
            return Outcome.FENCED;
        }
        if (first < 1 || first > entry.sent + 1) {
            throw new IllegalArgumentException(
                    "message " + first + " cannot be appended to a session whose last one is " + entry.sent
                            + "; append those between first");
        }
        long number = first;
        for (T message : messages) {
            if (number > entry.sent) {
                entry.add(keeper.keep(number, message));
                entry.sent = number;
            }
            number++;
        }
        return Outcome.DONE;
    }

    /**
     * See {@link SessionStore#read}.
     *
     * @throws IllegalStateException when the epoch is not the newest
     * @throws IllegalArgumentException when the first was acknowledged
     */
    public List<M> read(SessionId sid, long epoch, long from) {
        Entry<M> entry = owned(sid, epoch);
        if (entry == null) {
            throw new IllegalStateException(
                    "epoch " + epoch + " is not the newest of session " + sid + "; its owner reads its messages");
        }
        if (from <= entry.acknowledged) {
            throw new IllegalArgumentException("message " + from + " was forgotten when " + entry.acknowledged
                    + " were acknowledged; read later ones");
        }
        List<M> found = new ArrayList<>();
        long number = entry.acknowledged;
        for (M message : entry.messages()) {
            number++;
            if (number >= from) {
                found.add(message);
            }
        }
        return found;
    }

    /**
     * See {@link SessionStore#commit}.
     *
     * @throws IllegalArgumentException when more are acknowledged than were appended
     */
    public Outcome commit(SessionId sid, long epoch, long received, long acknowledged) {
        Entry<M> entry = owned(sid, epoch);
        if (entry == null) {
            return Outcome.FENCED;
        }
        if (acknowledged > entry.sent) {
            throw new IllegalArgumentException(
                    "message " + acknowledged + " cannot be acknowledged where only " + entry.sent + " were appended");
        }
        entry.received = Math.max(entry.received, received);
        entry.acknowledge(acknowledged);
        return Outcome.DONE;
    }

    /** See {@link SessionStore#renew}. */
    public Outcome renew(SessionId sid, long epoch, long nowMillis, long ttlMillis) {
        Entry<M> entry = owned(sid, epoch);
        if (entry == null) {
            return Outcome.FENCED;
        }
        entry.expiresMillis = nowMillis + ttlMillis;
        return Outcome.DONE;
    }

    /** See {@link SessionStore#end}. */
    public Outcome end(SessionId sid, long epoch, @Nullable Tombstone tombstone) {
        if (owned(sid, epoch) == null) {
            return Outcome.FENCED;
        }
        restoreEnd(sid, tombstone);
        return Outcome.DONE;
    }

    /**
     * See {@link SessionStore#sweep}.
     *
     * @param onExpired is told of each session that expired
     */
    public int sweep(long nowMillis, BiConsumer<SessionId, Tombstone> onExpired) {
        int expired = sweepSessions(nowMillis, onExpired);
        tombstones.sweep(nowMillis);
        return expired;
    }

    int sweepSessions(long nowMillis, BiConsumer<SessionId, Tombstone> onExpired) {
        int expired = 0;
        for (Entry<M> entry : sessions.all()) {
            if (entry.isExpired(nowMillis)) {
                sessions.remove(entry.sid);
                Tombstone tombstone = entry.tombstone(nowMillis);
                tombstones.add(entry.sid, tombstone);
                onExpired.accept(entry.sid, tombstone);
                expired++;
            }
        }
        return expired;
    }

    /** Tells what is known of a session, null when it is not there. */
    public @Nullable State state(SessionId sid) {
        Entry<M> entry = sessions.find(sid);
        return entry == null ? null : entry.state();
    }

    /** Shows everything to a visitor. */
    public void visit(Visitor<M> visitor) {
        for (Entry<M> entry : sessions.all()) {
            visitor.onSession(entry.sid, entry.state(), Collections.unmodifiableCollection(entry.messages()));
        }
        tombstones.forEach(visitor::onTombstone);
    }

    /** Doubts every session that is there: a claim of one ends it with {@link LossReason#RESTARTED}, and its owner is fenced. */
    public void doubtAll() {
        sessions.all().forEach(entry -> entry.isDoubted = true);
    }

    /**
     * Puts a session back as it was, or brings one up to date; its messages are restored one by one.
     *
     * @throws IllegalArgumentException when messages are missing that were sent and not acknowledged
     */
    public void restore(SessionId sid, State state) {
        Entry<M> entry = sessions.find(sid);
        if (entry == null) {
            entry = new Entry<>(sid, state.positions().acknowledged());
            sessions.putIfAbsent(entry);
        }
        entry.epoch = state.epoch();
        entry.attempt = state.attempt();
        entry.received = state.positions().received();
        entry.expiresMillis = state.expiresMillis();
        entry.isDoubted = state.isDoubted();
        if (entry.sent != state.positions().sent()) {
            throw new IllegalArgumentException("session " + sid + " had "
                    + state.positions().sent() + " messages appended, of which " + entry.sent + " are known");
        }
        entry.acknowledge(state.positions().acknowledged());
    }

    /**
     * Puts a message back behind those that are there.
     *
     * @throws IllegalArgumentException when the session is not there, or another number is due
     */
    public void restoreMessage(SessionId sid, long number, M message) {
        Entry<M> entry = sessions.find(sid);
        if (entry == null || entry.sent + 1 != number) {
            throw new IllegalArgumentException("message " + number + " follows on "
                    + (entry == null ? "no session" : "message " + entry.sent) + " of " + sid);
        }
        entry.add(message);
        entry.sent = number;
    }

    /** Takes a session away and puts its tombstone back, if there is one. */
    public void restoreEnd(SessionId sid, @Nullable Tombstone tombstone) {
        sessions.remove(sid);
        if (tombstone != null) {
            tombstones.add(sid, tombstone);
        }
    }

    private @Nullable Entry<M> owned(SessionId sid, long epoch) {
        Entry<M> entry = sessions.find(sid);
        return entry != null && entry.epoch == epoch && !entry.isDoubted ? entry : null;
    }

    private static final class Entry<M> {
        final SessionId sid;
        long epoch = 1;
        long attempt = -1;
        long received;
        long sent;
        long acknowledged;
        long expiresMillis;
        boolean isDoubted;
        /** Those from acknowledged + 1 to sent. */
        private @Nullable Deque<M> messages;

        Entry(SessionId sid, long settled) {
            this.sid = sid;
            sent = settled;
            acknowledged = settled;
        }

        Collection<M> messages() {
            return messages == null ? List.of() : messages;
        }

        void add(M message) {
            Deque<M> more = messages == null ? new ArrayDeque<>(1) : messages;
            messages = more;
            more.add(message);
        }

        boolean isNew() {
            return epoch == 1 && attempt < 0 && received == 0 && sent == 0;
        }

        boolean isExpired(long nowMillis) {
            return nowMillis >= expiresMillis;
        }

        void acknowledge(long upTo) {
            Deque<M> kept = messages;
            while (kept != null && acknowledged < upTo) {
                kept.remove();
                acknowledged++;
            }
            if (kept != null && kept.isEmpty()) {
                messages = null;
            }
        }

        Positions positions() {
            return new Positions(received, sent, acknowledged);
        }

        State state() {
            return new State(epoch, attempt, positions(), expiresMillis, isDoubted);
        }

        Tombstone tombstone(long nowMillis) {
            return isExpired(nowMillis)
                    ? new Tombstone(LossReason.EXPIRED, received, expiresMillis)
                    : new Tombstone(LossReason.RESTARTED, received, nowMillis);
        }
    }
}
