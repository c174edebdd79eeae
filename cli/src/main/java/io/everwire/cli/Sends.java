package io.everwire.cli;

import io.everwire.Delivery;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps account of sends: how many there were, and how each ended. Any thread. */
final class Sends {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();
    private final Map<Delivery.Outcome, Long> outcomes = new EnumMap<>(Delivery.Outcome.class);
    private long total;
    private long done;

    /**
     * The account at one moment.
     *
     * @param total how many were sent
     * @param confirmed how many reached the peer's endpoint
     * @param unknown how many may or may not have arrived
     * @param notSent how many did not arrive
     */
    record Account(long total, long confirmed, long unknown, long notSent) {
        boolean isComplete() {
            return total == confirmed + unknown + notSent;
        }

        boolean isAllConfirmed() {
            return total == confirmed;
        }

        /** Says what became of the messages that were not confirmed. */
        String sentence() {
            StringBuilder sentence = new StringBuilder("of ").append(Words.count(total, "message"));
            if (unknown > 0) {
                sentence.append(", ").append(unknown).append(" may or may not have arrived");
            }
            if (notSent > 0) {
                sentence.append(", ")
                        .append(notSent)
                        .append(notSent == 1 ? " was" : " were")
                        .append(" not sent");
            }
            return sentence.toString();
        }
    }

    /** Counts a send and waits for its end in the background. */
    void add(CompletionStage<Delivery> delivery) {
        lock.lock();
        try {
            total++;
        } finally {
            lock.unlock();
        }
        delivery.thenAccept(this::settle);
    }

    private void settle(Delivery delivery) {
        lock.lock();
        try {
            outcomes.merge(delivery.outcome(), 1L, Long::sum);
            done++;
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until every send has settled.
     *
     * @param patience gives up when none has settled for so long
     * @return whether every send has settled
     */
    boolean awaitSettled(Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            long seen = done;
            while (done < total && left > 0) {
                left = settled.awaitNanos(left);
                if (done > seen) {
                    seen = done;
                    left = patience.toNanos();
                }
            }
            return done == total;
        } finally {
            lock.unlock();
        }
    }

    /** Waits a moment for ends that are on their way, then returns the account. */
    Account close() throws InterruptedException {
        awaitSettled(Duration.ofNanos(TimeUnit.SECONDS.toNanos(1)));
        return account();
    }

    Account account() {
        lock.lock();
        try {
            return new Account(
                    total,
                    outcomes.getOrDefault(Delivery.Outcome.CONFIRMED, 0L),
                    outcomes.getOrDefault(Delivery.Outcome.UNKNOWN, 0L),
                    outcomes.getOrDefault(Delivery.Outcome.NOT_SENT, 0L));
        } finally {
            lock.unlock();
        }
    }
}
