package io.everwire.session;

import io.everwire.session.resume.ResumeEngine;

/**
 * A pure state machine that decides; a driver does what it decided. The contract of every engine:
 *
 * <ul>
 *   <li>Inputs are {@code handle…(…, nowNanos)}, commands of the application are plain verbs, outputs are pulled with {@code
 *       poll…}.
 *   <li>After every input, drain the outputs, then read {@link #deadlineNanos()}. Application code never runs inside an
 *       engine; pure policy functions do.
 *   <li>{@code nowNanos} is a monotonic time with an arbitrary origin, as of {@link System#nanoTime()}: it is compared by
 *       subtraction only. It may stand still between inputs; it never runs backwards.
 *   <li>What comes from the network never makes an engine throw. Inputs that fit no state, or belong to a connection, probe or
 *       ping that is gone, are ignored.
 *   <li>An engine has one owner, usually an event loop, and is not safe for use by several threads.
 *   <li>A new connection is a new {@link Liveness}; only {@link Reconnect} lives as long as the session.
 * </ul>
 */
public sealed interface Engine permits Liveness, Reconnect, ResumeEngine {
    /** What {@link #deadlineNanos()} returns when nothing is to be timed. Not an instant: never subtract from it. */
    long NO_DEADLINE = Long.MAX_VALUE;

    /**
     * Returns when {@link #handleDeadline} is to be called, on the clock of the inputs, or {@link #NO_DEADLINE}. Every input may
     * move it.
     */
    long deadlineNanos();

    /**
     * Does what is due. Safe to call early (nothing happens) and twice; being late is the driver's stall, see {@link Liveness}.
     *
     * @param nowNanos the present
     */
    void handleDeadline(long nowNanos);
}
