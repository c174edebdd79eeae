package io.everwire.transport;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.SendOptions;
import io.everwire.SendRejectedException;
import io.everwire.SessionClosedException;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a session has to send, from the offer to the word that settles it: the queue, the direct sends of {@code onReady}, and what
 * was written and awaits its confirmation. Every message that was taken is settled exactly once.
 *
 * <p><b>Thread safety.</b> Offers come from any thread; the rest belongs to the event loop.
 */
final class Outbox {
    static final String CLOSED = "the session is closed";

    private static final Duration LONGEST_WAIT = Duration.ofDays(365);

    private final EventLoop loop;
    private final Limits limits;
    private final SendQueue queue;
    private final ArrayDeque<Send> unconfirmed = new ArrayDeque<>(1);
    private final ArrayDeque<Send> direct = new ArrayDeque<>(1);
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicLong armedNanos = new AtomicLong(Send.NEVER);
    private final Runnable whenWritable;
    private final Runnable pump;
    private volatile @Nullable Future<?> expiry;
    private long directBytes;
    private boolean isOpen;

    /**
     * Makes an empty one.
     *
     * @param whenWritable is run on the event loop when a queue that was found full has room again
     * @param pump lets the session's connection write what is here
     */
    Outbox(EventLoop loop, Limits limits, Runnable whenWritable, Runnable pump) {
        this.pump = pump;
        this.whenWritable = whenWritable;
        this.loop = loop;
        this.limits = limits;
        queue = new SendQueue(limits);
    }

    /** Returns the task that lets the session's connection write what is here. */
    Runnable pump() {
        return pump;
    }

    static Send sendOf(Message message, SendOptions options, @Nullable CompletableFuture<Delivery> delivery) {
        Duration life = options.timeToLive();
        long expires = life == null ? Send.NEVER : RealClock.nanos() + nanosOf(life);
        return new Send(message.isText(), Unpooled.wrappedBuffer(message.bytes()), delivery, options.key(), expires);
    }

    static long nanosOf(Duration duration) {
        return (duration.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : duration).toNanos();
    }

    /** Takes the message into the queue; returns whether it was taken, and settles it if not. */
    boolean offer(Send send) {
        if (send.length > limits.messageBytes()) {
            return refuse(send, tooLarge(send.length));
        }
        SendQueue.Offer offer = queue.offer(send);
        String refusal = offer.refusal();
        if (refusal != null) {
            return refuse(send, refusal);
        }
        Send replaced = offer.replaced();
        if (replaced != null) {
            replaced.release();
            settle(replaced, Delivery.notSent(Delivery.REPLACED));
        }
        if (send.expiresNanos != Send.NEVER) {
            armExpiry(send.expiresNanos);
        }
        return true;
    }

    /** Waits for room and takes the message. */
    void awaitOffer(Send send, Duration timeout) throws InterruptedException {
        if (send.length > limits.messageBytes()) {
            refuse(send, tooLarge(send.length));
        } else if (!queue.awaitOffer(send, nanosOf(timeout))) {
            rejected.incrementAndGet();
            send.release();
            if (queue.isClosed()) {
                throw new SessionClosedException(CLOSED + "; nothing can be sent");
            }
            throw new SendRejectedException("no room in the outbound queue for " + timeout.toMillis() + " ms ("
                    + queue.bytes() + " bytes queued, the limit is " + limits.queuedBytes() + ")");
        }
    }

    /** Takes a message past the queue, for the current connection only. */
    boolean offerDirect(Send send) {
        String refusal = send.length > limits.messageBytes() ? tooLarge(send.length) : null;
        // Bounded by themselves: a queue that filled up in the outage must not keep the login out.
        if (refusal == null && !direct.isEmpty() && directBytes + send.cost() > limits.queuedBytes()) {
            refusal = Delivery.FULL;
        }
        refusal = refusal == null ? queue.charge(send) : refusal;
        if (refusal != null) {
            return refuse(send, refusal);
        }
        directBytes += send.cost();
        send.isDirect = true;
        direct.addLast(send);
        return true;
    }

    /** Settles a message that was not taken; returns false. */
    boolean refuse(Send send, String reason) {
        rejected.incrementAndGet();
        send.release();
        settle(send, Delivery.notSent(reason));
        return false;
    }

    private String tooLarge(int length) {
        return "the message has " + length + " bytes; the limit is " + limits.messageBytes()
                + " (Limits.messageBytes); send it in parts or raise the limit at both ends";
    }

    /** Tells whether a message may be written at once because nothing is before it. */
    boolean isFree() {
        return isOpen && direct.isEmpty() && queue.isEmpty() && !queue.isClosed();
    }

    /** Lets queued messages flow. */
    void open() {
        isOpen = true;
    }

    /** Refuses later offers; what waits may still be written. */
    void refuseOffers() {
        queue.refuse(CLOSED);
    }

    /** Takes the next message to be written, null when there is none. */
    @Nullable Send poll() {
        return pollIf(bytes -> true);
    }

    /** Takes the next message, null when there is none or the judge does not let one of this many bytes go. */
    @Nullable Send pollIf(IntPredicate judge) {
        Send first = direct.peekFirst();
        if (first != null) {
            if (!judge.test(first.length)) {
                return null;
            }
            direct.removeFirst();
            directBytes -= first.cost();
            return first;
        }
        if (!isOpen) {
            return null;
        }
        while (true) {
            long now = RealClock.nanos();
            Send send = queue.pollIf(judge, now);
            if (send == null || !SendQueue.hasExpired(send, now)) {
                return send;
            }
            drop(send, Delivery.EXPIRED);
        }
    }

    /** Ends the charge of messages that the kernel has. */
    void handleWritten(long bytes, int messages) {
        if (messages > 0 && queue.release(bytes, messages)) {
            whenWritable.run();
        }
    }

    void handleHanded(Send send) {
        if (send.delivery != null) {
            unconfirmed.addLast(send);
        }
    }

    void handleConfirmed(long number) {
        for (Send send = unconfirmed.peekFirst();
                send != null && send.number <= number;
                send = unconfirmed.peekFirst()) {
            unconfirmed.pollFirst();
            settle(send, Delivery.CONFIRMED);
        }
    }

    /** Is told that a message belongs to a resumable session now, which settles it. */
    void handleAccepted(Send send) {
        handleWritten(send.cost(), 1);
    }

    /** Settles a message that the session will not send after all. */
    void drop(Send send, Delivery delivery) {
        send.release();
        // First: who is told that a message is gone must find the room that it took.
        handleWritten(send.cost(), 1);
        settle(send, delivery);
    }

    /** Holds queued messages back, and gives up direct ones, until the queue is opened again. */
    void shut(String reason) {
        isOpen = false;
        for (Send send = direct.pollFirst(); send != null; send = direct.pollFirst()) {
            drop(send, reason);
        }
        directBytes = 0;
    }

    /**
     * Settles what was written on a connection that is gone. A message handed over in part only cannot have arrived: it goes back
     * to the front of the queue.
     */
    void handleLost(@Nullable Send unfinished, String reason) {
        for (Send send = unconfirmed.pollFirst(); send != null; send = unconfirmed.pollFirst()) {
            settle(send, Delivery.unknown(reason));
        }
        if (unfinished != null && SendQueue.hasExpired(unfinished, RealClock.nanos())) {
            drop(unfinished, Delivery.EXPIRED);
        } else if (unfinished != null && !unfinished.isDirect) {
            queue.putBack(unfinished);
        } else if (unfinished != null) {
            drop(unfinished, reason);
        }
        shut(reason);
    }

    /** Settles everything that still waits, for good. */
    void close() {
        for (Send send : queue.close(CLOSED)) {
            drop(send, CLOSED);
        }
        Future<?> pending = expiry;
        if (pending != null) {
            pending.cancel(false);
        }
    }

    /** Arms one timer for the earliest end of a time to live, not one for each message. */
    private void armExpiry(long atNanos) {
        long armed = armedNanos.get();
        if (armed == Send.NEVER || atNanos - armed < 0) {
            armedNanos.set(atNanos);
            expiry = loop.schedule(this::expire, Math.max(0, atNanos - RealClock.nanos()), TimeUnit.NANOSECONDS);
        }
    }

    private void expire() {
        armedNanos.set(Send.NEVER);
        for (Send send : queue.takeExpired(RealClock.nanos())) {
            drop(send, Delivery.EXPIRED);
        }
        long next = queue.earliestExpiryNanos();
        if (next != Send.NEVER) {
            armExpiry(next);
        }
    }

    private void drop(Send send, String reason) {
        drop(send, Delivery.notSent(reason));
    }

    static void settle(Send send, Delivery delivery) {
        if (send.delivery != null) {
            send.delivery.complete(delivery);
        }
    }

    long queuedBytes() {
        return queue.bytes();
    }

    long rejected() {
        return rejected.get();
    }
}
