package io.everwire.session;

/** How long the kernel has taken no byte of ours although some wait; our own stalls do not count. There is one while some wait. */
final class WriteClock {
    private long blockedNanos;

    WriteClock(long now) {
        blockedNanos = now;
    }

    /** The kernel took some, and not all. */
    void restart(long now) {
        blockedNanos = now;
    }

    void stall(long stallNanos, long now) {
        blockedNanos += Math.min(stallNanos, now - blockedNanos);
    }

    /** Returns since when the kernel took nothing. */
    long blockedNanos() {
        return blockedNanos;
    }
}
