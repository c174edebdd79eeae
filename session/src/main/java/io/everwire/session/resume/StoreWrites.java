package io.everwire.session.resume;

import io.everwire.ResumePolicy.Committing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a session has asked a durable store for, and what the store is known to have. One append and one commit are under way at a
 * time; what comes meanwhile goes along with the next.
 */
final class StoreWrites<M> {
    private final ReplayBuffer<M> outbound;
    private final ReceiveWindow inbound;
    private final boolean commitsBefore;
    private final Consumer<ResumeOutput> output;
    private ResumeOutput.@Nullable Append appending;
    private ResumeOutput.@Nullable Commit committing;
    private long appended;
    private long committed;
    private long acknowledged;

    StoreWrites(ReplayBuffer<M> outbound, ReceiveWindow inbound, Committing when, Consumer<ResumeOutput> output) {
        this.outbound = outbound;
        this.inbound = inbound;
        this.output = output;
        commitsBefore = when == Committing.BEFORE_HANDLER;
    }

    /** The store has this already. */
    void startAfter(SessionStore.Positions positions) {
        appended = positions.sent();
        committed = positions.received();
        acknowledged = positions.acknowledged();
    }

    /** Asks for what there is to be written, as far as it is not under way. */
    void writeMore(long epoch) {
        append(epoch);
        commit(epoch);
    }

    private void append(long epoch) {
        if (appending == null && appended < outbound.last()) {
            List<M> messages = new ArrayList<>();
            for (long number = appended + 1; number <= outbound.last(); number++) {
                messages.add(outbound.at(number));
            }
            appending = new ResumeOutput.Append(epoch, appended + 1, messages);
            output.accept(appending);
        }
    }

    private void commit(long epoch) {
        long target = commitsBefore ? inbound.received() : inbound.handed();
        boolean hasNews = target > committed || outbound.acknowledged() > acknowledged;
        if (committing == null && hasNews && isAppendedOrOnItsWay()) {
            // What is received and not acknowledged stays: the next owner has to know what it still costs of the
            // window.
            committing = new ResumeOutput.Commit(epoch, target, outbound.acknowledged());
            output.accept(committing);
        }
    }

    /**
     * Whether the store was given everything that was sent before. A handler's answers go to the store before the word that it has
     * returned: otherwise a crash in between keeps the message and forgets the answers.
     */
    private boolean isAppendedOrOnItsWay() {
        return given() >= outbound.last();
    }

    /** The last outbound message that the store has or was given, and that another owner may therefore send. */
    long given() {
        return appending == null ? appended : lastOf(appending);
    }

    private static long lastOf(ResumeOutput.Append append) {
        return append.first() + append.messages().size() - 1;
    }

    /** Under a new epoch what the old one had under way is repeated: it may have been fenced, and repeating it does no harm. */
    void repeat(long epoch) {
        appending = null;
        committing = null;
        writeMore(epoch);
    }

    /** Is told that a write is done; returns false when it is none that is waited for here. */
    boolean handleDone(ResumeOutput.StoreWrite write, long epoch) {
        if (write instanceof ResumeOutput.Append done && appending != null && lastOf(done) == lastOf(appending)) {
            appended = lastOf(done);
            appending = null;
        } else if (write instanceof ResumeOutput.Commit done && done.equals(committing)) {
            committed = done.received();
            acknowledged = done.acknowledged();
            committing = null;
        } else {
            return false;
        }
        writeMore(epoch);
        return true;
    }

    /** Asks again for what is under way and may have failed. */
    void retry() {
        if (appending != null) {
            output.accept(appending);
        }
        if (committing != null) {
            output.accept(committing);
        }
    }

    /** Tells whether nothing is under way. */
    boolean isIdle() {
        return appending == null && committing == null;
    }

    boolean commitsBefore() {
        return commitsBefore;
    }

    /** The last outbound message that the store has. */
    long appended() {
        return appended;
    }

    /** The last inbound message that is committed. */
    long committed() {
        return committed;
    }
}
