package io.everwire.session;

/**
 * How long the peer has owed us a pong. It stands still while a frame arrives (the pong is stuck behind it) and while reading is
 * suspended (the pong cannot be heard).
 */
final class ValidityClock {
    private long startNanos;
    private long stoppedNanos;
    private boolean isInsideFrame;
    private boolean isSuspended;

    ValidityClock(long now) {
        startNanos = now;
    }

    void restart(long now) {
        startNanos = now;
        stoppedNanos = now;
    }

    void setInsideFrame(boolean isInside, long now) {
        boolean wasStopped = isStopped();
        isInsideFrame = isInside;
        stopOrRun(wasStopped, now);
    }

    void setSuspended(boolean isSuspendedNow, long now) {
        boolean wasStopped = isStopped();
        isSuspended = isSuspendedNow;
        stopOrRun(wasStopped, now);
    }

    private void stopOrRun(boolean wasStopped, long now) {
        if (!wasStopped && isStopped()) {
            stoppedNanos = now;
        } else if (wasStopped && !isStopped()) {
            startNanos += now - stoppedNanos;
        }
    }

    boolean isStopped() {
        return isInsideFrame || isSuspended;
    }

    /** Returns when the clock will show {@code elapsed}, or {@link Engine#NO_DEADLINE} while it stands still. */
    long instantOf(long elapsed) {
        return isStopped() ? Engine.NO_DEADLINE : startNanos + elapsed;
    }

    long elapsedNanos(long now) {
        return (isStopped() ? stoppedNanos : now) - startNanos;
    }
}
