package io.everwire.transport;

import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * What a session consists of. Most parts are made when they are first needed: a server has many sessions that were opened, and to which
 * nothing has happened since.
 *
 * <p><b>Thread safety.</b> The parts are made on any thread, under one lock for all sessions that is held for a few instructions; what
 * they do says each for itself.
 */
abstract class SessionParts extends Connection.Owner {
    private static final Object CREATION = new Object();

    final Terms terms;
    final Callbacks callbacks;
    final SessionListener listener;
    /** Null before the first message is offered. */
    private volatile @Nullable Outbox outbox;
    /** Null before the first message is received, unless messages are pulled. */
    private volatile @Nullable Reception reception;

    private volatile @Nullable Extras extras;
    private volatile @Nullable Handshake handshake;
    private boolean isQueueOpen;
    /** When the session began, and how much later it was ready; 0 and -1 for not yet, or not noted here. */
    private long openedMillis;

    private int readyAfterMillis = -1;

    SessionParts(Terms terms, SessionListener listener) {
        this.terms = terms;
        this.listener = listener;
        callbacks = new Callbacks(terms.executor);
        reception = terms.isPulled ? new Reception((BaseSession) this) : null;
    }

    /** Tells the application that a queue that was full has room again. */
    abstract void tellWritable();

    final EventLoop loop() {
        return terms.loop;
    }

    final Limits limits() {
        return terms.limits;
    }

    final @Nullable Handshake shownHandshake() {
        return handshake;
    }

    /** Shows what was agreed on in the opening handshake and in what followed it. */
    final void showHandshake(Handshake agreed) {
        handshake = agreed;
    }

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
                    kept = new Outbox(terms.loop, terms.limits, this::tellWritable);
                    if (isQueueOpen) {
                        kept.open();
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

    /** Notes the event for {@link #explain}. How a session of a server begins is noted in a few bytes: most have nothing else to tell. */
    final void record(SessionEvent event) {
        long now = RealClock.epochMillis();
        synchronized (CREATION) {
            boolean isOpen = event instanceof SessionEvent.Open && openedMillis == 0;
            boolean isReady = event instanceof SessionEvent.Ready && openedMillis != 0 && readyAfterMillis < 0;
            if ((isOpen || isReady) && (extras == null || !extras.hasRecorder())) {
                openedMillis = isOpen ? now : openedMillis;
                readyAfterMillis = isReady ? (int) Math.max(0, Math.min(now - openedMillis, Integer.MAX_VALUE)) : -1;
                return;
            }
        }
        recorder(event.epoch()).add(event, now);
    }

    final FlightRecorder recorder(int epoch) {
        synchronized (CREATION) {
            return extras().recorder(kept -> {
                Handshake agreed = handshake;
                if (openedMillis != 0 && agreed != null) {
                    kept.add(new SessionEvent.Open(epoch, agreed), openedMillis);
                }
                if (readyAfterMillis >= 0) {
                    kept.add(new SessionEvent.Ready(epoch), openedMillis + readyAfterMillis);
                }
            });
        }
    }
}
