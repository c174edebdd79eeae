package io.everwire.transport;

/**
 * What the resumable sessions of a server may take together; see {@code docs/protocol.md}. A client that would go beyond is upgraded
 * and closed with 4429 and a sentence; no session that exists is touched.
 *
 * @param sessionsPerPrincipal the most sessions of one principal, with and without a connection; clients that nobody has identified
 *     are not counted; default 1,000
 * @param detachedSessions the most sessions without a connection; while there are more, no new one begins; default 100,000
 * @param replayBytes what all sessions together may have sent without an acknowledgement, each message charged its payload and 64
 *     bytes; while it is spent, no new session begins, and messages wait in their queues; default 256 MiB
 */
public record SessionQuotas(int sessionsPerPrincipal, int detachedSessions, long replayBytes) {
    /** The defaults that each component names. */
    public static final SessionQuotas DEFAULT = new SessionQuotas(1_000, 100_000, 256L << 20);

    /**
     * Checks every quota.
     *
     * @throws IllegalArgumentException when one is below 1
     */
    public SessionQuotas {
        requirePositive("sessionsPerPrincipal", sessionsPerPrincipal);
        requirePositive("detachedSessions", detachedSessions);
        requirePositive("replayBytes", replayBytes);
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
        }
    }

    /** Returns a copy with another number of sessions for each principal. */
    public SessionQuotas withSessionsPerPrincipal(int most) {
        return new SessionQuotas(most, detachedSessions, replayBytes);
    }

    /** Returns a copy with another number of sessions without a connection. */
    public SessionQuotas withDetachedSessions(int most) {
        return new SessionQuotas(sessionsPerPrincipal, most, replayBytes);
    }

    /** Returns a copy with other bytes of replay. */
    public SessionQuotas withReplayBytes(long most) {
        return new SessionQuotas(sessionsPerPrincipal, detachedSessions, most);
    }
}
