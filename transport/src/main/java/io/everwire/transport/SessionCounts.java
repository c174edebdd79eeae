package io.everwire.transport;

/**
 * What the resumable sessions of a server take at this moment, and who was turned away since it started.
 *
 * @param attached sessions with a connection
 * @param detached sessions that wait for their client; {@link SessionQuotas#detachedSessions}
 * @param replayBytes sent and not acknowledged, in all sessions; {@link SessionQuotas#replayBytes}
 * @param refusedForPrincipal new sessions refused because their principal had its maximum
 * @param refusedForDetached new sessions refused because too many waited for their clients
 * @param refusedForReplay new sessions refused because the bytes of replay were spent
 * @param badClaims offers that claimed a session without its secret
 * @param refusedForBadClaims claims refused unread because too many bad ones had come from their address
 */
public record SessionCounts(
        int attached,
        int detached,
        long replayBytes,
        long refusedForPrincipal,
        long refusedForDetached,
        long refusedForReplay,
        long badClaims,
        long refusedForBadClaims) {}
