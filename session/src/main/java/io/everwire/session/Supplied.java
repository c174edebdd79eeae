package io.everwire.session;

/** The request that the supplier has delivered, or a server has redirected us to, until an upgrade uses it. */
final class Supplied {
    /**
     * After so long a request that no upgrade has used is asked for anew, because a token in it may be one of a minute; but not while
     * the network is gone, for then whoever makes tokens may be out of reach, too.
     */
    static final long FRESH_NANOS = 30 * Nanos.SECOND;

    private static final long NONE = Engine.NO_DEADLINE;

    private long freshUntilNanos = NONE;
    private boolean isRedirected;

    void deliver(long now) {
        isRedirected = false;
        freshUntilNanos = now + FRESH_NANOS;
    }

    void redirect(long now) {
        deliver(now);
        isRedirected = true;
    }

    void use() {
        freshUntilNanos = NONE;
    }

    /** An attempt has failed. What a redirect led to is not asked for again, nor what was refused. */
    void handleFailure(boolean isRefused) {
        if (isRedirected || isRefused) {
            use();
        }
    }

    /** Tells whether an attempt may start with it. */
    boolean isUsable(long now, boolean isNetworkGone) {
        return freshUntilNanos != NONE && (isNetworkGone || !Nanos.isDue(freshUntilNanos, now));
    }
}
