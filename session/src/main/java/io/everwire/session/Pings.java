package io.everwire.session;

/** The pings of a connection, numbered from 1: which are on their way, and since when an answer is awaited. */
final class Pings {
    static final long NONE = 0;

    private long made;
    private long flushed;
    private long answered;

    /** Whether the last one made was not handed out yet. */
    private boolean isPending;

    private long madeNanos;
    private long answeredNanos;

    /** The first one since the last byte. */
    private long sinceByte = NONE;

    private long byteAwaitedNanos;

    /** The first one since the last pong. */
    private long sincePong = NONE;

    private long pongAwaitedNanos;

    Pings(long now) {
        madeNanos = now;
        answeredNanos = now;
    }

    /** Makes a ping that is due; its answer is awaited from now on, until it is flushed. */
    void make(long now) {
        isPending = true;
        made++;
        madeNanos = now;
        if (sinceByte == NONE) {
            sinceByte = made;
            byteAwaitedNanos = now;
        }
        if (sincePong == NONE) {
            sincePong = made;
            pongAwaitedNanos = now;
        }
    }

    boolean isPending() {
        return isPending;
    }

    void handOut() {
        isPending = false;
    }

    /** The kernel took this ping and all before it: their answer is awaited from now on. */
    void flush(long ping, long now) {
        if (ping <= flushed || ping > sent()) {
            return;
        }
        if (sinceByte > flushed && sinceByte <= ping) {
            byteAwaitedNanos = now;
        }
        if (sincePong > flushed && sincePong <= ping) {
            pongAwaitedNanos = now;
        }
        flushed = ping;
    }

    /** The peer's kernel lives, which counts for pings that the kernel has not taken. */
    void acknowledge(long now) {
        if (sinceByte > flushed) {
            byteAwaitedNanos = now;
        }
        if (sincePong > flushed) {
            pongAwaitedNanos = now;
        }
    }

    /** Answers a ping and all before it; returns false, and changes nothing, when it is none that awaits an answer. */
    boolean answer(long ping, long now) {
        if (ping <= answered || ping > sent()) {
            return false;
        }
        answered = ping;
        answeredNanos = now;
        sincePong = ping == made ? NONE : ping + 1;
        pongAwaitedNanos = now;
        return true;
    }

    void hearByte() {
        sinceByte = NONE;
    }

    /** A ping that waits for its pong gets its whole time again. */
    void awaitPongAnew(long now) {
        pongAwaitedNanos = now;
    }

    boolean isByteAwaited() {
        return sinceByte != NONE;
    }

    long byteAwaitedNanos() {
        return byteAwaitedNanos;
    }

    boolean isPongAwaited() {
        return sincePong != NONE;
    }

    long pongAwaitedNanos() {
        return pongAwaitedNanos;
    }

    long made() {
        return made;
    }

    long sent() {
        return made - (isPending ? 1 : 0);
    }

    long answered() {
        return answered;
    }

    boolean isUnflushed() {
        return made > flushed;
    }

    boolean isUnanswered() {
        return made > answered;
    }

    long madeNanos() {
        return madeNanos;
    }

    long answeredNanos() {
        return answeredNanos;
    }
}
