package io.everwire.session;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a peer by its bytes and pongs: since when it is silent, which pings, numbered from 1, are on their way, since when an
 * answer is awaited, the smoothed round trip, and for how long a pong has been owed.
 *
 * <p>A superclass of {@link Liveness} and not a part of it, because there is one for every connection, and most of them are idle: an
 * object more would cost each 16 bytes. For the same reason what is only known while a ping is unanswered, or while something is out of
 * the ordinary, stands in an object that comes and goes with it.
 */
abstract class Pulse {
    static final long NO_PING = 0;

    /** A round trip that was never measured. */
    static final long UNMEASURED = -1;

    /** RFC 6298 §2: "RTO <- SRTT + max (G, K*RTTVAR)"; G also covers what a busy peer adds to a fast network. */
    private static final long GRANULARITY = 4 * Nanos.TICK;

    private static final long ABSURD = 3_600 * Nanos.SECOND;

    final LivenessSettings settings;

    /** The last byte. */
    private long heardNanos;

    /** Null while the peer is heard, and nothing is out of the ordinary. */
    private @Nullable Trouble trouble;

    private long madeNanos;
    /** How many pings were made: as many as 32 bits count without a sign, which is thirteen years of ten a second. */
    private int made;
    /** Null when every ping that was made has been taken by the kernel and answered. */
    private @Nullable Awaited awaited;

    /** When the validity clock showed 0; what it shows, while it stands still. */
    private long validityNanos;

    /** RFC 6298 §2 in single precision, which is good for six digits; in nanoseconds. */
    private float smoothed = UNMEASURED;

    private float variation;
    private float last = UNMEASURED;

    /** How much of the jitter is taken off the present interval, drawn anew for each ping. */
    private float shortening;

    /** Whether the last ping was not handed out yet. */
    private boolean isPending;

    private boolean isInsideFrame;
    private boolean isSuspended;

    /** What is waited for, from the first ping that is on its way until the last one is answered. */
    private static final class Awaited {
        long flushed;
        long answered;
        /** The first ping since the last byte. */
        long sinceByte = NO_PING;

        long byteNanos;
        /** The first ping since the last pong. */
        long sincePong = NO_PING;

        long pongNanos;
        /** The ping that was sent for the sake of the validity period. */
        long ofValidity = NO_PING;

        Awaited(long settled) {
            flushed = settled;
            answered = settled;
        }
    }

    Pulse(LivenessSettings settings, long now) {
        this.settings = settings;
        heardNanos = now;
        madeNanos = now;
        validityNanos = now;
        shortening = (float) settings.random.getAsDouble();
    }

    // ---- silence ----

    final void hearByte(long now) {
        heardNanos = now;
        if (trouble != null) {
            trouble.silenceNanos = now;
            trouble.silenceGraceNanos = Engine.NO_DEADLINE;
        }
        forgetSilence();
    }

    /** Silence counts from now, and a ping that waits for its pong gets its whole time again. */
    final void listenAnew(long now) {
        Trouble here = trouble();
        here.silenceNanos = now;
        here.silenceGraceNanos = Engine.NO_DEADLINE;
        if (awaited != null) {
            awaited.pongNanos = now;
        }
        forgetSilence();
    }

    private void forgetSilence() {
        if (awaited != null) {
            awaited.sinceByte = NO_PING;
            forgetWhatIsSettled();
        }
    }

    final long heardNanos() {
        return heardNanos;
    }

    final Trouble trouble() {
        Trouble here = trouble;
        if (here == null) {
            here = new Trouble(heardNanos);
            trouble = here;
        }
        return here;
    }

    /** Nothing is out of the ordinary any more, but for a grace that was given to a pong, and what waits for the kernel. */
    final void forgetTrouble() {
        if (validityGrace() == Engine.NO_DEADLINE && blockedNanos() == Engine.NO_DEADLINE) {
            trouble = null;
        }
    }

    final long silenceNanos() {
        return trouble == null ? heardNanos : trouble.silenceNanos;
    }

    final long silenceGrace() {
        return trouble == null ? Engine.NO_DEADLINE : trouble.silenceGraceNanos;
    }

    final long validityGrace() {
        return trouble == null ? Engine.NO_DEADLINE : trouble.validityGraceNanos;
    }

    final long blockedNanos() {
        return trouble == null ? Engine.NO_DEADLINE : trouble.blockedNanos;
    }

    // ---- pings ----

    /** Makes a ping that is due; its answer is awaited from now on, until it is flushed. */
    final void makePing(long now) {
        Awaited answer = awaited;
        if (answer == null) {
            answer = new Awaited(pingsMade());
            awaited = answer;
        }
        isPending = true;
        made++;
        long ping = pingsMade();
        madeNanos = now;
        if (answer.sinceByte == NO_PING) {
            answer.sinceByte = ping;
            answer.byteNanos = now;
        }
        if (answer.sincePong == NO_PING) {
            answer.sincePong = ping;
            answer.pongNanos = now;
        }
        if (settings.validityLead != Nanos.OFF && owedNanos(now) >= settings.validityLead) {
            answer.ofValidity = ping;
        }
        shortening = (float) settings.random.getAsDouble();
    }

    final boolean isPingPending() {
        return isPending;
    }

    final void handOutPing() {
        isPending = false;
    }

    /** The kernel took this ping and all before it: their answer is awaited from now on. */
    final void flushPing(long ping, long now) {
        Awaited answer = awaited;
        if (answer == null || ping <= answer.flushed || ping > pingsSent()) {
            return;
        }
        if (answer.sinceByte > answer.flushed && answer.sinceByte <= ping) {
            answer.byteNanos = now;
        }
        if (answer.sincePong > answer.flushed && answer.sincePong <= ping) {
            answer.pongNanos = now;
        }
        answer.flushed = ping;
        forgetWhatIsSettled();
    }

    /** The peer's kernel lives, which counts for pings that our kernel has not taken. */
    final void acknowledgePings(long now) {
        Awaited answer = awaited;
        if (answer != null && answer.sinceByte > answer.flushed) {
            answer.byteNanos = now;
        }
        if (answer != null && answer.sincePong > answer.flushed) {
            answer.pongNanos = now;
        }
    }

    /** Answers a ping and all before it; returns false, and changes nothing, when it is none that awaits an answer. */
    final boolean answerPing(long ping, long now) {
        Awaited answer = awaited;
        if (answer == null || ping <= answer.answered || ping > pingsSent()) {
            return false;
        }
        answer.answered = ping;
        answer.sincePong = ping == pingsMade() ? NO_PING : ping + 1;
        answer.pongNanos = now;
        forgetWhatIsSettled();
        return true;
    }

    private void forgetWhatIsSettled() {
        Awaited answer = awaited;
        if (answer != null
                && answer.sinceByte == NO_PING
                && answer.answered == pingsMade()
                && answer.flushed == pingsMade()) {
            awaited = null;
        }
    }

    final boolean isByteAwaited() {
        return awaited != null && awaited.sinceByte != NO_PING;
    }

    final long byteAwaitedNanos() {
        return awaited == null ? Engine.NO_DEADLINE : awaited.byteNanos;
    }

    final boolean isPongAwaited() {
        return awaited != null && awaited.sincePong != NO_PING;
    }

    final long pongAwaitedNanos() {
        return awaited == null ? Engine.NO_DEADLINE : awaited.pongNanos;
    }

    final long pingsMade() {
        return Integer.toUnsignedLong(made);
    }

    final long pingsSent() {
        return pingsMade() - (isPending ? 1 : 0);
    }

    /** Any thread may ask, and find what is awaited gone in between. */
    final long pingsAnswered() {
        Awaited answer = awaited;
        return answer == null ? pingsMade() : answer.answered;
    }

    final boolean isPingUnflushed() {
        return awaited != null && pingsMade() > awaited.flushed;
    }

    final boolean isPingUnanswered() {
        return awaited != null && pingsMade() > awaited.answered;
    }

    /** Tells whether a ping that was sent for the sake of the validity period is unanswered. */
    final boolean isValidityPingUnanswered() {
        return awaited != null && awaited.ofValidity > awaited.answered;
    }

    final long madeNanos() {
        return madeNanos;
    }

    /** Returns the interval to the next ping. */
    final long periodNanos() {
        return settings.periodNanos(shortening);
    }

    // ---- how long the peer has owed us a pong ----

    final void restartValidity(long now) {
        if (trouble != null) {
            trouble.validityGraceNanos = Engine.NO_DEADLINE;
        }
        validityNanos = isValidityStopped() ? 0 : now;
    }

    /** The clock stands still while a frame arrives, for the pong is stuck behind it. */
    final void setInsideFrame(boolean isInside, long now) {
        stopOrRun(isInside, isSuspended, now);
    }

    /** The clock stands still while reading is suspended, for the pong cannot be heard. */
    final void setSuspended(boolean isSuspendedNow, long now) {
        stopOrRun(isInsideFrame, isSuspendedNow, now);
    }

    private void stopOrRun(boolean isInside, boolean isSuspendedNow, long now) {
        boolean isStopped = isInside || isSuspendedNow;
        if (isStopped != isValidityStopped()) {
            validityNanos = now - validityNanos;
        }
        isInsideFrame = isInside;
        isSuspended = isSuspendedNow;
    }

    final boolean isValidityStopped() {
        return isInsideFrame || isSuspended;
    }

    /** Returns when a pong will have been owed for so long, or {@link Engine#NO_DEADLINE} while the clock stands still. */
    final long owedAt(long elapsed) {
        return isValidityStopped() ? Engine.NO_DEADLINE : validityNanos + elapsed;
    }

    final long owedNanos(long now) {
        return isValidityStopped() ? validityNanos : now - validityNanos;
    }

    // ---- the round trip ----

    /** Adds a measurement, unless it is absurd: the send time in a pong is the peer's word. */
    final void addRoundTrip(long sample) {
        if (sample < 0 || sample > ABSURD) {
            return;
        }
        last = sample;
        if (smoothed == UNMEASURED) {
            smoothed = sample;
            variation = sample / 2f;
        } else {
            variation += (Math.abs(smoothed - sample) - variation) / 4;
            smoothed += (sample - smoothed) / 8;
        }
    }

    /** Returns when a ping without an answer is overdue, {@link Engine#NO_DEADLINE} when none is awaited. */
    final long overdueNanos() {
        if (!isByteAwaited()) {
            return Engine.NO_DEADLINE;
        }
        return byteAwaitedNanos()
                + (smoothed == UNMEASURED
                        ? settings.pingTimeout / 2
                        : (long) smoothed + Math.max(GRANULARITY, (long) (4 * variation)));
    }

    /** Returns the smoothed round trip in nanoseconds, or {@link #UNMEASURED}. */
    final long smoothedNanos() {
        return (long) smoothed;
    }

    /** Returns the last round trip in nanoseconds, or {@link #UNMEASURED}. */
    final long lastRoundTripNanos() {
        return (long) last;
    }
}
