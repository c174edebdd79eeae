package io.everwire.session;

/** How long the kernel has taken no byte of ours although some wait; our own stalls do not count. */
final class WriteClock {
    private final long timeout;
    private long blockedNanos = Engine.NO_DEADLINE;

    WriteClock(long timeout) {
        this.timeout = timeout;
    }

    void block(long now) {
        if (blockedNanos == Engine.NO_DEADLINE) {
            blockedNanos = now;
        }
    }

    void progress(boolean isDrained, long now) {
        blockedNanos = isDrained ? Engine.NO_DEADLINE : now;
    }

    void stall(long stallNanos, long now) {
        if (blockedNanos != Engine.NO_DEADLINE) {
            blockedNanos += Math.min(stallNanos, now - blockedNanos);
        }
    }

    long deadlineNanos() {
        return blockedNanos == Engine.NO_DEADLINE ? Engine.NO_DEADLINE : blockedNanos + timeout;
    }

    /** Returns for how long the kernel took nothing, 0 when nothing waits. */
    long blockedForNanos(long now) {
        return blockedNanos == Engine.NO_DEADLINE ? 0 : now - blockedNanos;
    }
}
