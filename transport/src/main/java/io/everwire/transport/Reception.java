package io.everwire.transport;

import io.everwire.Message;
import io.everwire.SessionClosedException;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a session: gives messages to the application one after the other, borrowed on the event loop when nothing is
 * before them, otherwise by way of the inbox.
 *
 * <p><b>Thread safety.</b> {@link #receive}, {@link #pause} and {@link #resume} from any thread, the rest on the event loop or inside
 * a callback.
 */
final class Reception {
    private final BaseSession session;
    private final Inbox inbox;
    private final BorrowedView view = new BorrowedView();
    private volatile boolean isPaused;
    private volatile boolean isBroken;
    private boolean isInsideRead;

    Reception(BaseSession session) {
        this.session = session;
        inbox = new Inbox(session.limits().readAheadBytes());
    }

    private boolean isPulled() {
        return session.terms.isPulled;
    }

    @Nullable Message receive(Duration timeout) throws InterruptedException {
        EventLoops.requireBlockable("receive");
        if (!isPulled()) {
            throw new IllegalStateException(
                    "this session pushes its messages to its listener; open one without a listener");
        }
        // Whoever asks for more has handled what it was given.
        handBack();
        Message message = inbox.await(Outbox.nanosOf(timeout));
        readAgain();
        if (message == null && inbox.isExhausted()) {
            throw new SessionClosedException(Outbox.CLOSED + " and every received message was taken");
        }
        return message;
    }

    /** Takes what {@link #receive} has given away for handled; any thread. */
    void handBack() {
        for (long number = inbox.pollLent(); number > 0; number = inbox.pollLent()) {
            long handed = number;
            session.onLoop(() -> {
                // Not before the event loop knows: a session that ends in between would leave without committing it.
                inbox.noteReturned();
                noteHanded(handed);
            });
        }
    }

    private void readAgain() {
        if (inbox.mayReadAgain()) {
            session.onLoop(() -> {
                Connection current = session.connection();
                if (current != null) {
                    current.startReading();
                }
            });
        }
    }

    void pause() {
        isPaused = true;
    }

    void resume() {
        isPaused = false;
        session.onLoop(() -> session.callbacks().run(this::deliverWaiting));
    }

    /**
     * Gives a message to the application, or to its queue.
     *
     * @param number in a resumable session, otherwise 0
     */
    void deliver(Connection from, boolean isText, ByteBuf payload, long number) {
        if (isBroken) {
            return;
        }
        if (!isPulled() && !isPaused && session.callbacks().isDirect() && inbox.isEmpty()) {
            deliverBorrowed(isText, payload, number);
            return;
        }
        // In a resumable session the window is the read-ahead, and acknowledgements must be read.
        if (inbox.add(Message.received(isText, payload.nioBuffer(), number)) && number == 0) {
            from.stopReading();
        }
        deliverLater();
    }

    /** Gives a message that was held back to the application's queue. */
    void deliverKept(Message message) {
        if (!isBroken) {
            inbox.add(message);
            deliverLater();
        }
    }

    private void deliverLater() {
        if (!isPulled()) {
            session.callbacks().run(this::deliverWaiting);
        }
    }

    private void deliverBorrowed(boolean isText, ByteBuf payload, long number) {
        session.callbacks().beginDirect();
        isInsideRead = true;
        view.lend(isText, payload, number);
        try {
            session.listener.onView(session, view);
        } catch (Throwable e) {
            session.handleListenerFailure("onView", e);
        } finally {
            view.takeBack();
            isInsideRead = false;
            noteHanded(number);
            session.callbacks().endDirect();
        }
    }

    private void deliverWaiting() {
        BorrowedView kept = new BorrowedView();
        for (Message message = next(); message != null; message = next()) {
            kept.lend(message);
            session.guarded("onView", () -> session.listener.onView(session, kept));
            kept.takeBack();
            noteHanded(message.number());
            readAgain();
        }
    }

    private @Nullable Message next() {
        return isPaused || isBroken ? null : inbox.poll();
    }

    private void noteHanded(long number) {
        ResumeLink link = session.link();
        if (link != null) {
            link.noteHanded(number);
        }
    }

    /** Nothing more comes; what has come is delivered. */
    void end() {
        isPaused = false;
        inbox.release();
        deliverLater();
        inbox.end();
    }

    /** Ends the waiting of {@link #receive}. */
    void endWaiting() {
        inbox.end();
    }

    /** Gives nothing more to a listener that failed. */
    void breakOff() {
        isBroken = true;
    }

    /** Gives nothing to the application until {@link #release}: it is not known whose the messages are. */
    void hold() {
        inbox.hold();
    }

    void release() {
        inbox.release();
        deliverLater();
    }

    /** Gives nothing more to the application: who owns the session next is given what was not handled here. */
    void withhold() {
        isBroken = true;
        inbox.discard();
    }

    /** Tells whether the application has a message from {@link #receive} that it has not asked beyond. */
    boolean isLent() {
        return inbox.isLent();
    }

    /** Tells whether the application is being called from inside a read. */
    boolean isInsideRead() {
        return isInsideRead;
    }
}
