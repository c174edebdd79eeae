package io.everwire.cli;

import io.everwire.Delivery;
import io.everwire.Message;
import io.everwire.SendRejectedException;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.transport.RealClock;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sends numbered messages at an even pace, act by act, on a thread of its own; a full queue holds it back. */
final class StoryMessages {
    private final Session session;
    private final Sends sends = new Sends();
    private final BitSet unknown = new BitSet();
    private final BitSet notSent = new BitSet();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private int next;

    StoryMessages(Session session) {
        this.session = session;
    }

    /** Sends so many messages over so long. Acts follow each other: the next one is begun when this one is done. */
    CompletableFuture<Void> act(int count, Duration length) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        play(count, length);
                        done.complete(null);
                    } catch (SessionClosedException e) {
                        done.complete(null); // The story tells why the session ended.
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        done.complete(null);
                    } catch (RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                },
                "everwire-story");
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private void play(int count, Duration length) throws InterruptedException {
        long start = RealClock.nanos();
        for (int i = 0; i < count; i++) {
            long due = start + length.toNanos() / count * i;
            long wait = due - RealClock.nanos();
            if (wait > 0 && stopped.await(wait, TimeUnit.NANOSECONDS)) {
                return;
            }
            send(next++);
        }
        long rest = start + length.toNanos() - RealClock.nanos();
        if (rest > 0) {
            stopped.await(rest, TimeUnit.NANOSECONDS);
        }
    }

    private void send(int number) throws InterruptedException {
        while (stopped.getCount() > 0) {
            try {
                var delivery = session.awaitSend(Message.text(Integer.toString(number)), Duration.ofSeconds(1));
                sends.add(delivery.thenApply(outcome -> note(number, outcome)));
                return;
            } catch (SendRejectedException e) {
                // The queue is full while the cable is cut: the message waits its turn.
            }
        }
    }

    private Delivery note(int number, Delivery delivery) {
        synchronized (unknown) {
            if (delivery.outcome() == Delivery.Outcome.UNKNOWN) {
                unknown.set(number);
            } else if (delivery.outcome() == Delivery.Outcome.NOT_SENT) {
                notSent.set(number);
            }
        }
        return delivery;
    }

    void stop() {
        stopped.countDown();
    }

    Sends sends() {
        return sends;
    }

    /** Compares what was sent with what came back. */
    Account account(StoryRecord record) {
        Sends.Account ends = sends.account();
        int missingUnknown = 0;
        int missingNotSent = 0;
        int lost = 0;
        synchronized (unknown) {
            for (int number = 0; number < ends.total(); number++) {
                if (record.hasReceived(number)) {
                    continue;
                }
                if (unknown.get(number)) {
                    missingUnknown++;
                } else if (notSent.get(number)) {
                    missingNotSent++;
                } else {
                    lost++;
                }
            }
        }
        return new Account(ends.total(), record.received(), missingUnknown, missingNotSent, lost, ends.confirmed());
    }

    /**
     * Where every message is.
     *
     * @param sent how many the client sent
     * @param received how many came back to it
     * @param unknown how many did not, and were reported as unknown
     * @param notSent how many did not, and were reported as not sent
     * @param lost how many did not, and nobody said so
     * @param confirmed how many were reported as confirmed
     */
    record Account(long sent, long received, long unknown, long notSent, long lost, long confirmed) {}
}
