package io.everwire.verification.simulation;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node's way to the store: slow, failing, and with answers that are lost after the write. What one node calls takes effect in
 * the order of its calls, and is answered in it.
 */
final class ShakyStore implements SessionStore {
    private final World world;
    private final Node node;
    private final int start;
    private long lastEffect;
    private long lastAnswer;
    private int underWay;
    /** After this instant nothing of a process that is gone takes effect any more. */
    private long reach = Long.MAX_VALUE;

    ShakyStore(World world, Node node) {
        this.world = world;
        this.node = node;
        start = node.start;
    }

    /** The process is gone; what it had sent may still arrive. */
    void die() {
        reach = world.agenda.now() + world.chance.micros(0, 3_000);
    }

    private <T> CompletionStage<T> call(Supplier<CompletionStage<T>> operation) {
        Chance chance = world.chance;
        boolean isSound = !world.plan.isDurable || (underWay == 0 && chance.percent(world.plan.instantStore));
        if (isSound) {
            return operation.get();
        }
        underWay++;
        Fault fate = world.faults.fateOfStoreCall();
        CompletableFuture<T> answer = new CompletableFuture<>();
        long slowness = fate == Fault.STORE_SLOW ? chance.millis(50, 3_000) : 0;
        lastEffect = Math.max(lastEffect, world.agenda.now() + chance.micros(20, 1_500) + slowness);
        lastAnswer = Math.max(lastAnswer, lastEffect + chance.micros(20, 1_500));
        long answered = lastAnswer;
        world.agenda.at(lastEffect, () -> {
            if (world.agenda.now() > reach) {
                return;
            }
            CompletionStage<T> result = fate == Fault.STORE_ERROR ? failure() : operation.get();
            world.agenda.at(answered, new Answer<>(answer, fate == Fault.STORE_ANSWER_LOST ? failure() : result));
        });
        return answer;
    }

    private static <T> CompletionStage<T> failure() {
        return CompletableFuture.failedStage(new StoreFailure());
    }

    private final class Answer<T> implements Step {
        private final CompletableFuture<T> to;
        private final CompletionStage<T> result;

        Answer(CompletableFuture<T> to, CompletionStage<T> result) {
            this.to = to;
            this.result = result;
        }

        @Override
        public void run() {
            if (node.start != start) {
                return;
            }
            if (node.isAsleep()) {
                world.agenda.at(node.awakeAt(), this);
                return;
            }
            underWay--;
            result.whenComplete((value, error) -> {
                if (error == null) {
                    to.complete(value);
                } else {
                    to.completeExceptionally(error);
                }
            });
        }
    }

    /** Returns what a store in memory has answered, which it does at once; null when it refused the call. */
    private static <T> @Nullable T valueOf(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            return null;
        }
    }

    private Outcome required(CompletionStage<Outcome> stage, String what) {
        Outcome outcome = valueOf(stage);
        if (outcome == null) {
            throw world.violation("the store refuses to " + what);
        }
        return outcome;
    }

    @Override
    public Durability durability() {
        return world.plan.isDurable ? Durability.PROCESS : Durability.MEMORY;
    }

    @Override
    public byte[] serverKey() {
        return world.vault.store.serverKey();
    }

    @Override
    public CompletionStage<Outcome> create(SessionId sid, long nowMillis, long ttlMillis) {
        return call(() -> {
            world.vault.handleCreated(sid);
            return world.vault.store.create(sid, nowMillis, ttlMillis);
        });
    }

    @Override
    public CompletionStage<Claim> claim(SessionId sid, long attempt, long nowMillis, long ttlMillis) {
        return call(() -> {
            if (world.vault.hasForgotten(sid)) {
                return CompletableFuture.completedStage(
                        new Claim.Gone(new Tombstone(LossReason.RESTARTED, -1, nowMillis)));
            }
            CompletionStage<Claim> stage = world.vault.store.claim(sid, attempt, nowMillis, ttlMillis);
            Claim claim = valueOf(stage);
            if (claim != null) {
                world.observer.claimed(sid, attempt, claim);
            }
            return stage;
        });
    }

    @Override
    public CompletionStage<Outcome> append(SessionId sid, long epoch, long first, List<Message> messages) {
        return call(() -> {
            CompletionStage<Outcome> stage = world.vault.store.append(sid, epoch, first, messages);
            if (required(stage, "append message " + first) == Outcome.DONE) {
                world.observer.appended(sid, epoch, first, messages);
            }
            return stage;
        });
    }

    @Override
    public CompletionStage<List<Message>> read(SessionId sid, long epoch, long from) {
        return call(() -> world.vault.store.read(sid, epoch, from));
    }

    @Override
    public CompletionStage<Outcome> commit(SessionId sid, long epoch, long received, long acknowledged) {
        return call(() -> {
            CompletionStage<Outcome> stage = world.vault.store.commit(sid, epoch, received, acknowledged);
            if (required(stage, "commit " + received + " and " + acknowledged) == Outcome.DONE) {
                world.observer.committed(sid, epoch, received, acknowledged);
            }
            return stage;
        });
    }

    @Override
    public CompletionStage<Outcome> renew(SessionId sid, long epoch, long nowMillis, long ttlMillis) {
        return call(() -> world.vault.store.renew(sid, epoch, nowMillis, ttlMillis));
    }

    @Override
    public CompletionStage<Outcome> end(SessionId sid, long epoch, @Nullable Tombstone tombstone) {
        return call(() -> {
            CompletionStage<Outcome> stage = world.vault.store.end(sid, epoch, tombstone);
            if (required(stage, "end a session") == Outcome.DONE) {
                world.observer.endedInStore(sid, epoch, tombstone);
            }
            return stage;
        });
    }

    @Override
    public CompletionStage<Integer> sweep(long nowMillis) {
        return call(() -> world.vault.store.sweep(nowMillis));
    }

    @Override
    public void close() {}
}
