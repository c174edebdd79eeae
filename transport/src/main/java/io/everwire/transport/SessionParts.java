package io.everwire.transport;

import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.netty.channel.EventLoop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a session consists of. Most parts are made when they are first needed: a server has many sessions that were opened, and to which
 * nothing has happened since.
 *
 * <p><b>Thread safety.</b> The parts are made on any thread, under one lock for all sessions that is held for a few instructions; what
 * they do says each for itself.
 */
abstract class SessionParts extends ConnectionOwner {
    private static final VarHandle IS_PUMP_SCHEDULED;
    private static final Object CREATION = new Object();
    private static final int FIRST_EPOCH = 1;
    private static final int READY_BITS = 20;
    private static final long MOST_READY_MILLIS = (1L << READY_BITS) - 2;

    static {
        try {
            IS_PUMP_SCHEDULED =
                    MethodHandles.lookup().findVarHandle(SessionParts.class, "isPumpScheduled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Terms terms;
    final SessionListener listener;
    /** Null before the first message is offered. */
    private volatile @Nullable Outbox outbox;
    /** Null before the first message is received, unless messages are pulled. */
    private volatile @Nullable Reception reception;

    private volatile @Nullable Extras extras;
    private boolean isQueueOpen;

    @SuppressWarnings("UnusedVariable") // By its handle.
    private volatile boolean isPumpScheduled;

    /** When the session began, in milliseconds of the wall clock, and in the lower bits how much later it was ready, plus 1; 0 for not yet. */
    private long beginning;

    SessionParts(Terms terms, SessionListener listener) {
        this.terms = terms;
        this.listener = listener;
        reception = terms.isPulled ? new Reception((BaseSession) this) : null;
    }

    /** Tells whether the session is over, for good. */
    abstract boolean isEnded();

    /** Tells the application that a queue that was full has room again. */
    abstract void tellWritable();

    @Override
    final @Nullable Executor executor() {
        Executor executor = terms.executor;
        Extras kept = executor == null ? null : extras;
        return kept != null && kept.isExecutorGivenUp() ? null : executor;
    }

    @Override
    final void giveExecutorUp() {
        extras().giveExecutorUp();
    }

    final Callbacks callbacks() {
        return this;
    }

    /** Tells, to one caller until {@link #releasePump}, that a turn of the event loop is to be asked for. */
    final boolean claimPump() {
        return IS_PUMP_SCHEDULED.compareAndSet(this, false, true);
    }

    final void releasePump() {
        isPumpScheduled = false;
    }

    final EventLoop loop() {
        return terms.loop;
    }

    final Limits limits() {
        return terms.limits;
    }

    /** Lets the connection write. */
    abstract void pump();

    /** Returns what was agreed on when the current or last connection was opened, null before the first. */
    abstract @Nullable Handshake shownHandshake();

    final @Nullable Extras extrasIfAny() {
        return extras;
    }

    final @Nullable Outbox outboxIfAny() {
        return outbox;
    }

    final @Nullable Reception receptionIfAny() {
        return reception;
    }

    final Extras extras() {
        Extras kept = extras;
        if (kept == null) {
            synchronized (CREATION) {
                kept = extras;
                if (kept == null) {
                    kept = new Extras();
                    extras = kept;
                }
            }
        }
        return kept;
    }

    /** Returns what the session has to send. */
    final Outbox outbox() {
        Outbox kept = outbox;
        if (kept == null) {
            synchronized (CREATION) {
                kept = outbox;
                if (kept == null) {
                    kept = new Outbox(terms.loop, terms.limits, this::tellWritable, this::pump);
                    if (isQueueOpen) {
                        kept.open();
                    }
                    if (isEnded()) {
                        kept.close();
                    }
                    outbox = kept;
                }
            }
        }
        return kept;
    }

    /** Returns the receiving half. */
    final Reception reception() {
        Reception kept = reception;
        if (kept == null) {
            synchronized (CREATION) {
                kept = reception;
                if (kept == null) {
                    kept = new Reception((BaseSession) this);
                    reception = kept;
                }
            }
        }
        return kept;
    }

    /** Settles what the session has not sent; nothing is made for one that is over and has sent nothing. */
    final void closeOutbox() {
        Outbox kept;
        synchronized (CREATION) {
            kept = isEnded() ? outbox : outbox();
        }
        if (kept != null) {
            kept.close();
        }
    }

    /** Tells whether a message may be written at once because nothing is before it. */
    final boolean isNothingBefore() {
        Outbox kept = outbox;
        return kept == null ? isQueueOpen : kept.isFree();
    }

    /** Lets what is queued flow, or will be. */
    final void openOutbox() {
        synchronized (CREATION) {
            isQueueOpen = true;
            if (outbox != null) {
                outbox.open();
            }
        }
    }

    /** Holds queued messages back, and gives up direct ones, until the queue is opened again. */
    final void shutQueue(String reason) {
        settleLost(null, reason, false);
    }

    final void settleLost(@Nullable Send unfinished, String reason, boolean isConnectionLost) {
        Outbox kept;
        synchronized (CREATION) {
            isQueueOpen = false;
            kept = outbox;
        }
        if (kept != null && isConnectionLost) {
            kept.handleLost(unfinished, reason);
        } else if (kept != null) {
            kept.shut(reason);
        }
    }

    /** Notes the event for {@link BaseSession#explain}. How a session of a server begins is noted in a few bytes: most have nothing else to tell. */
    final void record(SessionEvent event) {
        long now = RealClock.epochMillis();
        synchronized (CREATION) {
            if ((extras == null || !extras.hasRecorder()) && isBeginning(event, now)) {
                return;
            }
        }
        recorder().add(event, now);
    }

    private boolean isBeginning(SessionEvent event, long now) {
        long readyMillis = now - (beginning >>> READY_BITS);
        if (event.epoch() != FIRST_EPOCH) {
            return false;
        }
        if (event instanceof SessionEvent.Open && beginning == 0) {
            beginning = now << READY_BITS;
            return true;
        }
        boolean isReady = event instanceof SessionEvent.Ready && beginning != 0 && readyAfterMillis() < 0;
        if (isReady && readyMillis >= 0 && readyMillis <= MOST_READY_MILLIS) {
            beginning += readyMillis + 1;
            return true;
        }
        return false;
    }

    /** Returns how long it took until the session was ready, -1 when it is not noted. */
    private long readyAfterMillis() {
        return (beginning & (1L << READY_BITS) - 1) - 1;
    }

    /** Returns the recorder. A new one is told how the session began: on the connection that was lost last, for no other was lost before. */
    final FlightRecorder recorder() {
        synchronized (CREATION) {
            Extras mine = extras();
            return mine.recorder(kept -> {
                Handshake lost = mine.lastHandshake();
                Handshake agreed = lost == null ? shownHandshake() : lost;
                long openedMillis = beginning >>> READY_BITS;
                if (beginning != 0 && agreed != null) {
                    kept.add(new SessionEvent.Open(FIRST_EPOCH, agreed), openedMillis);
                }
                if (readyAfterMillis() >= 0) {
                    kept.add(new SessionEvent.Ready(FIRST_EPOCH), openedMillis + readyAfterMillis());
                }
            });
        }
    }
}
