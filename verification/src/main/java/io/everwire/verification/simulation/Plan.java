package io.everwire.verification.simulation;

import io.everwire.ResumePolicy;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.SessionSettings;
import io.everwire.session.resume.SessionStore;
import java.time.Duration;

/** What a seed decides about its world before anything happens. */
final class Plan {
    private static final int[] WINDOW_BYTES = {1_024, 2_048, 8_192, 32_768};
    private static final int[] WINDOW_MESSAGES = {4, 12, 48, 256};
    private static final long PLENTY = 1 << 24;

    final boolean isDurable;
    final boolean isCommittedBefore;
    final int clients;
    final int nodes;
    final long ttlNanos;
    final ResumePolicy clientPolicy;
    final ResumePolicy serverPolicy;
    final long clientBudget;
    final long serverBudget;
    final int largestUp;
    final int largestDown;
    /** Whether clients cannot see WebSocket pings. */
    final boolean isBrowser;
    /** Whether a server's application goes on sending while its client is away. */
    final boolean sendsWhileSuspended;
    /** How many of a hundred store calls are answered at once. */
    final int instantStore;
    /** How long faults happen. */
    final long stormNanos;

    Plan(Chance chance) {
        isDurable = chance.percent(60);
        isCommittedBefore = chance.percent(40);
        clients = chance.percent(65) ? 1 : chance.percent(70) ? 2 : 3;
        nodes = isDurable && chance.percent(75) ? 2 : 1;
        int ttlSeconds = chance.oneIn(3) ? chance.between(2, 6) : chance.between(20, 120);
        ttlNanos = ttlSeconds * 1_000_000_000L;
        clientPolicy = policy(chance, ttlSeconds);
        serverPolicy = policy(chance, ttlSeconds);
        largestUp = serverPolicy.windowBytes() - 64;
        largestDown = clientPolicy.windowBytes() - 64;
        // A budget below the largest message would hold it back for ever.
        clientBudget = chance.oneIn(12) ? largestUp + 500 : PLENTY;
        serverBudget = chance.oneIn(12) ? largestDown + 500 : PLENTY;
        isBrowser = chance.percent(30);
        sendsWhileSuspended = chance.percent(35);
        instantStore = chance.oneIn(3) ? 70 : 0;
        stormNanos = chance.millis(6_000, 14_000);
    }

    private ResumePolicy policy(Chance chance, int ttlSeconds) {
        return new ResumePolicy(
                Duration.ofSeconds(ttlSeconds),
                WINDOW_BYTES[chance.below(WINDOW_BYTES.length)],
                WINDOW_MESSAGES[chance.below(WINDOW_MESSAGES.length)],
                Duration.ofMillis(chance.between(500, 6_000)),
                isCommittedBefore ? ResumePolicy.Committing.BEFORE_HANDLER : ResumePolicy.Committing.AFTER_HANDLER);
    }

    SessionSettings settings(ReplayBudget budget) {
        return new SessionSettings(
                serverPolicy,
                serverPolicy.windowBytes() - 64,
                0,
                isDurable ? SessionStore.Durability.PROCESS : SessionStore.Durability.MEMORY,
                budget);
    }
}
