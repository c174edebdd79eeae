package io.everwire.session;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long an inbound message has begun and made no progress. Liveness cannot see it: a peer that answers pings lives, and would
 * pin what it sent of the message for ever. Only bytes of the message's own frames are progress; control frames in between are
 * not. Any byte is enough, so a slow peer is never hit.
 *
 * <p>The clock stands still while we do not read, and for as long as our own process stalls.
 */
public final class MessageClock {
    private final long timeout;

    /** The last byte of the unfinished message, or later; {@link Engine#NO_DEADLINE} when none is unfinished. */
    private long sinceNanos = Engine.NO_DEADLINE;

    private long progress;
    private boolean isSuspended;

    /**
     * Starts with no message begun.
     *
     * @param timeout how long an unfinished message may get no byte; positive
     */
    public MessageClock(Duration timeout) {
        this.timeout = Nanos.of(timeout);
    }

    /**
     * Everything that was readable has been decoded.
     *
     * @param isInside whether a message has begun and is not complete
     * @param dataProgress a number that each header and each byte of a data frame makes larger, and nothing else
     */
    public void handleRead(boolean isInside, long dataProgress, long nowNanos) {
        if (!isInside) {
            sinceNanos = Engine.NO_DEADLINE;
        } else if (sinceNanos == Engine.NO_DEADLINE || dataProgress != progress) {
            sinceNanos = nowNanos;
        }
        progress = dataProgress;
    }

    /** We stopped reading: what the peer sends cannot come. */
    public void handleReadSuspended() {
        isSuspended = true;
    }

    /** We read again: the whole time is granted anew. */
    public void handleReadResumed(long nowNanos) {
        if (isSuspended && sinceNanos != Engine.NO_DEADLINE) {
            sinceNanos = nowNanos;
        }
        isSuspended = false;
    }

    /**
     * We stalled, and could not read meanwhile.
     *
     * @param stallNanos for how long
     */
    public void handleStall(long stallNanos, long nowNanos) {
        if (sinceNanos != Engine.NO_DEADLINE) {
            sinceNanos += Math.min(stallNanos, nowNanos - sinceNanos);
        }
    }

    /** Returns when to read what is readable and then to ask for the {@link #verdict}, or {@link Engine#NO_DEADLINE}. */
    public long deadlineNanos() {
        return isSuspended || sinceNanos == Engine.NO_DEADLINE ? Engine.NO_DEADLINE : sinceNanos + timeout;
    }

    /** Returns with which status to fail the connection, null while there is no reason to. */
    public @Nullable CloseStatus verdict(long nowNanos) {
        return Nanos.isDue(deadlineNanos(), nowNanos)
                ? new CloseStatus(
                        CloseCode.POLICY_VIOLATION,
                        "no byte of an unfinished message for " + Nanos.seconds(nowNanos - sinceNanos) + " (limit "
                                + Nanos.text(timeout) + "); finish it, or raise Limits.messageTimeout")
                : null;
    }
}
