package io.everwire.session.resume;

import io.everwire.LossReason;
import io.everwire.Message;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where a server keeps what a session needs to be resumed: in memory, on disk, or shared by several nodes.
 *
 * <p>Every write names the epoch that its writer was given by {@link #create} or {@link #claim}. A store applies a write only
 * while that epoch is the session's newest; otherwise it changes nothing and answers {@link Outcome#FENCED}. So at most one owner
 * writes, and one that wakes late does no harm.
 *
 * <p>A stage that completes exceptionally says nothing about whether the write happened; every write may be repeated.
 *
 * <p><b>Time</b> is passed in, as milliseconds since the Unix epoch, because records outlive processes.
 *
 * <p><b>Thread safety.</b> Any thread. Stages may complete on any thread, also at once. Operations of one session take effect in the
 * order of their calls.
 */
public interface SessionStore extends AutoCloseable {
    /** The size of {@link #serverKey()}, in bytes. */
    int SERVER_KEY_BYTES = 32;

    /** How many tombstones a store keeps, the newest. */
    int TOMBSTONES = 100_000;

    /** How long a store keeps a tombstone: a day, in milliseconds. */
    long TOMBSTONE_MILLIS = 86_400_000;

    /** What a completed write survives. */
    enum Durability {
        /** Nothing: the session ends with the process. Owners need not append or commit. */
        MEMORY,
        /** The end of the process, also by {@code kill -9}; not a power cut. */
        PROCESS,
        /** A power cut, as far as the disk keeps its word. */
        POWER
    }

    /** What became of a write. */
    enum Outcome {
        /** It is in effect, as durable as {@link #durability()} says. */
        DONE,
        /** Nothing was changed: another owner has claimed the session, or it has ended. */
        FENCED
    }

    /**
     * What is known of a session apart from its messages.
     *
     * @param received inbound DATA committed
     * @param sent outbound DATA appended
     * @param acknowledged outbound DATA that the client is known to have
     */
    record Positions(long received, long sent, long acknowledged) {}

    /**
     * What stays of a session that has ended, for a day.
     *
     * @param received inbound DATA that was committed or handled: what a client may be told as {@code peer-rx}
     * @param endedMillis when it ended
     */
    record Tombstone(LossReason reason, long received, long endedMillis) {}

    /** The answer to a claim. */
    sealed interface Claim {
        /** The session is the caller's, under a new epoch. */
        record Claimed(long epoch, Positions positions) implements Claim {}

        /** The attempt is not larger than the last one; nothing was changed. */
        record Stale(long attempt) implements Claim {}

        /**
         * There is no such session to resume. A store that may have lost its tail answers {@link LossReason#RESTARTED}.
         *
         * @param tombstone null when nothing is known of it any more
         */
        record Gone(@Nullable Tombstone tombstone) implements Claim {}
    }

    /** Tells what a completed write survives. */
    Durability durability();

    /**
     * Returns the store's own server key, the same for everybody who opens the same store: 32 random bytes that were made with it.
     */
    byte[] serverKey();

    /**
     * Begins a session with epoch 1, no attempt, and no messages. It expires when it is not renewed within {@code ttlMillis}.
     *
     * @return FENCED when there is such a session that something has happened to, or a tombstone of it
     */
    CompletionStage<Outcome> create(SessionId sid, long nowMillis, long ttlMillis);

    /**
     * Takes the session over, if and only if the attempt is larger than every earlier one: stores the attempt, increments the epoch,
     * renews.
     */
    CompletionStage<Claim> claim(SessionId sid, long attempt, long nowMillis, long ttlMillis);

    /**
     * Adds outbound messages before they are transmitted. Messages that were appended already are skipped by their numbers, so an
     * ambiguous failure is repeated as it was.
     *
     * @param first the number of the first message, from 1, at most one larger than the last appended
     * @return exceptionally with an {@link IllegalArgumentException}, and nothing is changed, when numbers would be left out
     */
    CompletionStage<Outcome> append(SessionId sid, long epoch, long first, List<Message> messages);

    /**
     * Returns appended messages in order.
     *
     * @param from the number of the first, larger than {@link Positions#acknowledged()}
     * @return all up to the last; exceptionally with an {@link IllegalStateException} when the epoch is not the newest
     */
    CompletionStage<List<Message>> read(SessionId sid, long epoch, long from);

    /**
     * Moves both positions forward, never back, and forgets outbound messages up to {@code acknowledged}.
     *
     * @param acknowledged at most the last appended
     * @return exceptionally with an {@link IllegalArgumentException}, and nothing is changed, when it is larger
     */
    CompletionStage<Outcome> commit(SessionId sid, long epoch, long received, long acknowledged);

    /** Lets the session live for another {@code ttlMillis} from now. */
    CompletionStage<Outcome> renew(SessionId sid, long epoch, long nowMillis, long ttlMillis);

    /** Ends the session and forgets its messages; keeps the tombstone, null for none. */
    CompletionStage<Outcome> end(SessionId sid, long epoch, @Nullable Tombstone tombstone);

    /**
     * Turns sessions that expired into tombstones and forgets tombstones older than a day, or beyond the newest 100,000.
     *
     * @return how many sessions expired
     */
    CompletionStage<Integer> sweep(long nowMillis);

    /** Releases what the store holds. Writes that were called before take effect first. */
    @Override
    void close();
}
