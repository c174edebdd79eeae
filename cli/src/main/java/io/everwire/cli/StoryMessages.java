package io.everwire.cli;

import io.everwire.Delivery;
import io.everwire.Message;
import io.everwire.SendRejectedException;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.SessionState;
import io.everwire.transport.RealClock;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sends numbered messages at an even pace, act by act, on a thread of its own; a full queue holds it back.
 *
 * <p>An act asks for confirmations, or it does not. Without a session the client gets them by pinging; when it does not ask, nothing
 * but the liveness policy decides when a dead peer is noticed, and the end of the connection tells how many messages are unknown.
 */
final class StoryMessages {
    private static final long RETRY_MILLIS = 10;

    private final Session session;
    private final Sends sends = new Sends();
    private final BitSet unknown = new BitSet();
    private final BitSet notSent = new BitSet();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile int sent;

    StoryMessages(Session session) {
        this.session = session;
    }

    /** Sends so many messages over so long. Acts follow each other: the next one is begun when this one is done. */
    CompletableFuture<Void> act(int count, Duration length, boolean isConfirming) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        play(count, length, isConfirming);
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

    private void play(int count, Duration length, boolean isConfirming) throws InterruptedException {
        long start = RealClock.nanos();
        for (int i = 0; i < count; i++) {
            long due = start + length.toNanos() / count * i;
            long wait = due - RealClock.nanos();
            if (wait > 0 && stopped.await(wait, TimeUnit.NANOSECONDS)) {
                return;
            }
            if (isConfirming) {
                sendConfirmed(sent);
            } else {
                send(sent);
            }
        }
        long rest = start + length.toNanos() - RealClock.nanos();
        if (rest > 0) {
            stopped.await(rest, TimeUnit.NANOSECONDS);
        }
    }

    private void sendConfirmed(int number) throws InterruptedException {
        while (stopped.getCount() > 0) {
            try {
                CompletionStage<Delivery> delivery =
                        session.awaitSend(Message.text(Integer.toString(number)), Duration.ofSeconds(1));
                sends.add(delivery.thenApply(outcome -> note(number, outcome)));
                sent = number + 1;
                return;
            } catch (SendRejectedException e) {
                // The queue is full while the cable is cut: the message waits its turn.
            }
        }
    }

    private void send(int number) throws InterruptedException {
        Message message = Message.text(Integer.toString(number));
        while (session.state() != SessionState.CLOSED) {
            if (session.trySend(message)) {
                sent = number + 1;
                return;
            }
            if (stopped.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private boolean isSettledBadly(int number) {
        synchronized (unknown) {
            return unknown.get(number) || notSent.get(number);
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

    int sent() {
        return sent;
    }

    /** Tells whether the fate of every message is known as well as it ever will be. Messages come back in order. */
    boolean isOver(StoryRecord record) {
        return sends.account().isComplete() && (sent == 0 || isSettledBadly(sent - 1) || record.hasReceived(sent - 1));
    }

    /** Compares what was sent with what came back. */
    Account account(StoryRecord record) {
        int missing = 0;
        int missingNotSent = 0;
        synchronized (unknown) {
            for (int number = 0; number < sent; number++) {
                if (!record.hasReceived(number)) {
                    missing++;
                    missingNotSent += notSent.get(number) ? 1 : 0;
                }
            }
        }
        // Whoever asked for a confirmation was told, and counts in what the end of the connection told of all.
        int missingUnknown = (int) Math.min(missing - missingNotSent, record.unknownSends());
        return new Account(
                sent,
                record.received(),
                missingUnknown,
                missingNotSent,
                missing - missingUnknown - missingNotSent,
                record.delivered(),
                record.replayed(),
                record.duplicated());
    }

    /**
     * Where every message is.
     *
     * @param sent how many the client sent
     * @param received how many came back to it
     * @param unknown how many did not, and were reported as unknown
     * @param notSent how many did not, and were reported as not sent
     * @param lost how many did not, and nobody said so
     * @param delivered how many the server's application was given exactly once
     * @param replayed how many were sent again, there and back, because the other end had not received them
     * @param duplicated how often an application was given one again, there and back
     */
    record Account(
            long sent,
            long received,
            long unknown,
            long notSent,
            long lost,
            long delivered,
            long replayed,
            long duplicated) {}
}
