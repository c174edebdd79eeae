package io.everwire.session.resume;

/**
 * What all replay buffers of a process may hold together. A session finds no room in its window while the budget is spent.
 *
 * <p><b>Thread safety.</b> Any thread. Sessions that accept at the same instant may go beyond the limit by a message each.
 */
public final class ReplayBudget {
    private final long limit;
    /** Written under the lock, and read without it: each message asks. */
    private volatile long taken;

    /**
     * Makes one.
     *
     * @param limitBytes payloads and 64 bytes for each message
     */
    public ReplayBudget(long limitBytes) {
        if (limitBytes < 1) {
            throw new IllegalArgumentException("the budget is " + limitBytes + " bytes; it must be at least 1");
        }
        limit = limitBytes;
    }

    boolean hasRoom(long bytes) {
        return taken + bytes <= limit;
    }

    synchronized void take(long bytes) {
        taken += bytes;
    }

    synchronized void give(long bytes) {
        taken -= bytes;
    }

    /** Returns the bytes that are held now. */
    public long takenBytes() {
        return taken;
    }

    /** Returns the limit in bytes. */
    public long limitBytes() {
        return limit;
    }
}
