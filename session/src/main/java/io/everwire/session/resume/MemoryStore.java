package io.everwire.session.resume;

import io.everwire.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
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
    private static final SessionTable.Keeper<Message, Message> AS_IT_IS = (number, message) -> message;

    private final byte[] serverKey;
    /** Each holds some of the sessions and is their lock. */
    private final List<SessionTable<Message>> stripes;

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
        stripes = Stream.generate(() -> new SessionTable<Message>(tombstones))
                .limit(STRIPES)
                .toList();
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
        SessionTable<Message> stripe = stripeOf(sid);
        synchronized (stripe) {
            return stage(stripe.create(sid, nowMillis, ttlMillis));
        }
    }

    @Override
    public CompletionStage<Claim> claim(SessionId sid, long attempt, long nowMillis, long ttlMillis) {
        SessionTable<Message> stripe = stripeOf(sid);
        synchronized (stripe) {
            return CompletableFuture.completedStage(stripe.claim(sid, attempt, nowMillis, ttlMillis));
        }
    }

    @Override
    public CompletionStage<Outcome> append(SessionId sid, long epoch, long first, List<Message> messages) {
        SessionTable<Message> stripe = stripeOf(sid);
        try {
            synchronized (stripe) {
                return stage(stripe.append(sid, epoch, first, messages, AS_IT_IS));
            }
        } catch (IllegalArgumentException refused) {
            return CompletableFuture.failedStage(refused);
        }
    }

    @Override
    public CompletionStage<List<Message>> read(SessionId sid, long epoch, long from) {
        SessionTable<Message> stripe = stripeOf(sid);
        try {
            synchronized (stripe) {
                return CompletableFuture.completedStage(stripe.read(sid, epoch, from));
            }
        } catch (IllegalArgumentException | IllegalStateException refused) {
            return CompletableFuture.failedStage(refused);
        }
    }

    @Override
    public CompletionStage<Outcome> commit(SessionId sid, long epoch, long received, long acknowledged) {
        SessionTable<Message> stripe = stripeOf(sid);
        try {
            synchronized (stripe) {
                return stage(stripe.commit(sid, epoch, received, acknowledged));
            }
        } catch (IllegalArgumentException refused) {
            return CompletableFuture.failedStage(refused);
        }
    }

    @Override
    public CompletionStage<Outcome> renew(SessionId sid, long epoch, long nowMillis, long ttlMillis) {
        SessionTable<Message> stripe = stripeOf(sid);
        synchronized (stripe) {
            return stage(stripe.renew(sid, epoch, nowMillis, ttlMillis));
        }
    }

    @Override
    public CompletionStage<Outcome> end(SessionId sid, long epoch, @Nullable Tombstone tombstone) {
        SessionTable<Message> stripe = stripeOf(sid);
        synchronized (stripe) {
            return stage(stripe.end(sid, epoch, tombstone));
        }
    }

    @Override
    public CompletionStage<Integer> sweep(long nowMillis) {
        int expired = 0;
        for (SessionTable<Message> stripe : stripes) {
            synchronized (stripe) {
                expired += stripe.sweepSessions(nowMillis, (sid, tombstone) -> {});
            }
        }
        tombstones.sweep(nowMillis);
        return CompletableFuture.completedStage(expired);
    }

    /** Does nothing: there is nothing to release, and another owner may still use the store. */
    @Override
    public void close() {}

    private SessionTable<Message> stripeOf(SessionId sid) {
        return stripes.get((int) sid.low() & STRIPES - 1);
    }

    private static CompletionStage<Outcome> stage(Outcome outcome) {
        return outcome == Outcome.DONE ? DONE : FENCED;
    }
}
