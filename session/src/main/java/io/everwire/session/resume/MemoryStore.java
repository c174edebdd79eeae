package io.everwire.session.resume;

import io.everwire.LossReason;
import io.everwire.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory: sessions survive their connections and end with the process.
 *
 * <p>An owner need not append or commit here, for what it knows lives as long as the store. The store keeps what it is given all the
 * same, so that several owners in one process can hand sessions over.
 *
 * <p><b>Limits.</b> It keeps as many sessions and messages as its callers let it. Tombstones: the 100,000 that were added last, for a day.
 *
 * <p><b>Thread safety.</b> Any thread. Every stage is complete when it is returned.
 */
public final class MemoryStore implements SessionStore {
    private static final int STRIPES = 64;
    private static final CompletionStage<Outcome> DONE = CompletableFuture.completedStage(Outcome.DONE);
    private static final CompletionStage<Outcome> FENCED = CompletableFuture.completedStage(Outcome.FENCED);
    private static final CompletionStage<Claim> UNKNOWN = CompletableFuture.completedStage(new Claim.Gone(null));

    private final byte[] serverKey;
    private final Stripe[] stripes = new Stripe[STRIPES];
    /** Its lock is taken inside a stripe's, never around one. */
    private final Tombstones tombstones = new Tombstones();

    /**
     * Makes an empty store.
     *
     * @param serverKey 32 bytes from a secure source of randomness; copied
     * @throws IllegalArgumentException for another number of bytes
     */
    public MemoryStore(byte[] serverKey) {
        if (serverKey.length != SERVER_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a server key has " + SERVER_KEY_BYTES + " bytes, not " + serverKey.length);
        }
        this.serverKey = serverKey.clone();
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    @Override
    public Durability durability() {
        return Durability.MEMORY;
    }

    @Override
    public byte[] serverKey() {
        return serverKey.clone();
    }

    @Override
    public CompletionStage<Outcome> create(SessionId sid, long nowMillis, long ttlMillis) {
        Stripe stripe = stripeOf(sid);
        synchronized (stripe) {
            Entry entry = stripe.sessions.get(sid);
            if (entry == null) {
                if (tombstones.find(sid, nowMillis) != null) {
                    return FENCED;
                }
                entry = new Entry();
                stripe.sessions.put(sid, entry);
            } else if (!entry.isNew()) {
                return FENCED;
            }
            entry.renew(nowMillis, ttlMillis);
            return DONE;
        }
    }

    @Override
    public CompletionStage<Claim> claim(SessionId sid, long attempt, long nowMillis, long ttlMillis) {
        Stripe stripe = stripeOf(sid);
        synchronized (stripe) {
            Entry entry = stripe.sessions.get(sid);
            if (entry != null && entry.isExpired(nowMillis)) {
                stripe.sessions.remove(sid);
                tombstones.add(sid, entry.expired());
                entry = null;
            }
            if (entry == null) {
                Tombstone tombstone = tombstones.find(sid, nowMillis);
                return tombstone == null ? UNKNOWN : CompletableFuture.completedStage(new Claim.Gone(tombstone));
            }
            if (attempt <= entry.attempt) {
                return CompletableFuture.completedStage(new Claim.Stale(entry.attempt));
            }
            entry.attempt = attempt;
            entry.epoch++;
            entry.renew(nowMillis, ttlMillis);
            return CompletableFuture.completedStage(new Claim.Claimed(entry.epoch, entry.positions()));
        }
    }

    @Override
    public CompletionStage<Outcome> append(SessionId sid, long epoch, long first, List<Message> messages) {
        Stripe stripe = stripeOf(sid);
        synchronized (stripe) {
            Entry entry = stripe.owned(sid, epoch);
            if (entry == null) {
                return FENCED;
            }
            if (first < 1 || first > entry.sent + 1) {
                return refused("message " + first + " cannot be appended to a session whose last one is " + entry.sent
                        + "; append those between first");
            }
            long number = first;
            for (Message message : messages) {
                if (number++ > entry.sent) {
                    entry.messages.add(message);
                    entry.sent++;
                }
            }
            return DONE;
        }
    }

    @Override
    public CompletionStage<List<Message>> read(SessionId sid, long epoch, long from) {
        Stripe stripe = stripeOf(sid);
        synchronized (stripe) {
            Entry entry = stripe.owned(sid, epoch);
            if (entry == null) {
                return CompletableFuture.failedStage(new IllegalStateException("epoch " + epoch
                        + " is not the newest of session " + sid + "; its messages are read by its owner"));
            }
            if (from <= entry.acknowledged) {
                return refused("message " + from + " was forgotten when " + entry.acknowledged
                        + " were acknowledged; read later ones");
            }
            List<Message> found = new ArrayList<>();
            long number = entry.acknowledged;
            for (Message message : entry.messages) {
                if (++number >= from) {
                    found.add(message);
                }
            }
            return CompletableFuture.completedStage(found);
        }
    }

    @Override
    public CompletionStage<Outcome> commit(SessionId sid, long epoch, long received, long acknowledged) {
        Stripe stripe = stripeOf(sid);
        synchronized (stripe) {
            Entry entry = stripe.owned(sid, epoch);
            if (entry == null) {
                return FENCED;
            }
            if (acknowledged > entry.sent) {
                return refused("message " + acknowledged + " cannot be acknowledged where only " + entry.sent
                        + " were appended");
            }
            entry.received = Math.max(entry.received, received);
            while (entry.acknowledged < acknowledged) {
                entry.messages.remove();
                entry.acknowledged++;
            }
            return DONE;
        }
    }

    @Override
    public CompletionStage<Outcome> renew(SessionId sid, long epoch, long nowMillis, long ttlMillis) {
        Stripe stripe = stripeOf(sid);
        synchronized (stripe) {
            Entry entry = stripe.owned(sid, epoch);
            if (entry == null) {
                return FENCED;
            }
            entry.renew(nowMillis, ttlMillis);
            return DONE;
        }
    }

    @Override
    public CompletionStage<Outcome> end(SessionId sid, long epoch, @Nullable Tombstone tombstone) {
        Stripe stripe = stripeOf(sid);
        synchronized (stripe) {
            if (stripe.owned(sid, epoch) == null) {
                return FENCED;
            }
            stripe.sessions.remove(sid);
            if (tombstone != null) {
                tombstones.add(sid, tombstone);
            }
            return DONE;
        }
    }

    @Override
    public CompletionStage<Integer> sweep(long nowMillis) {
        int expired = 0;
        for (Stripe stripe : stripes) {
            synchronized (stripe) {
                for (Iterator<Map.Entry<SessionId, Entry>> each =
                                stripe.sessions.entrySet().iterator();
                        each.hasNext(); ) {
                    Map.Entry<SessionId, Entry> session = each.next();
                    if (session.getValue().isExpired(nowMillis)) {
                        each.remove();
                        tombstones.add(session.getKey(), session.getValue().expired());
                        expired++;
                    }
                }
            }
        }
        tombstones.sweep(nowMillis);
        return CompletableFuture.completedStage(expired);
    }

    /** Does nothing: there is nothing to release, and another owner may still use the store. */
    @Override
    public void close() {}

    private Stripe stripeOf(SessionId sid) {
        return stripes[(int) sid.low() & STRIPES - 1];
    }

    private static <T> CompletionStage<T> refused(String sentence) {
        return CompletableFuture.failedStage(new IllegalArgumentException(sentence));
    }

    /** Some of the sessions; it is their lock. */
    private static final class Stripe {
        final Map<SessionId, Entry> sessions = new HashMap<>();

        /** Returns the session if the epoch is its newest. */
        @Nullable Entry owned(SessionId sid, long epoch) {
            Entry entry = sessions.get(sid);
            return entry != null && entry.epoch == epoch ? entry : null;
        }
    }

    private static final class Entry {
        long epoch = 1;
        long attempt = -1;
        long received;
        long sent;
        long acknowledged;
        long expiresMillis;
        /** Those from acknowledged + 1 to sent. */
        final Deque<Message> messages = new ArrayDeque<>(2);

        boolean isNew() {
            return epoch == 1 && attempt < 0 && received == 0 && sent == 0;
        }

        void renew(long nowMillis, long ttlMillis) {
            expiresMillis = nowMillis + ttlMillis;
        }

        boolean isExpired(long nowMillis) {
            return nowMillis >= expiresMillis;
        }

        Positions positions() {
            return new Positions(received, sent, acknowledged);
        }

        Tombstone expired() {
            return new Tombstone(LossReason.EXPIRED, received, expiresMillis);
        }
    }

    /** What stays of sessions that have ended, in the order in which they were added. */
    private static final class Tombstones {
        private final Map<SessionId, Tombstone> bySession = new LinkedHashMap<>();

        synchronized void add(SessionId sid, Tombstone tombstone) {
            bySession.put(sid, tombstone);
            if (bySession.size() > TOMBSTONES) {
                Iterator<SessionId> eldest = bySession.keySet().iterator();
                eldest.next();
                eldest.remove();
            }
        }

        synchronized @Nullable Tombstone find(SessionId sid, long nowMillis) {
            Tombstone tombstone = bySession.get(sid);
            return tombstone == null || isForgotten(tombstone, nowMillis) ? null : tombstone;
        }

        synchronized void sweep(long nowMillis) {
            bySession.values().removeIf(tombstone -> isForgotten(tombstone, nowMillis));
        }

        private static boolean isForgotten(Tombstone tombstone, long nowMillis) {
            return nowMillis - tombstone.endedMillis() > TOMBSTONE_MILLIS;
        }
    }
}
