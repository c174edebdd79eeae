package io.everwire.session;

import io.everwire.Backoff;
import io.everwire.ReconnectPolicy;
import org.junit.jupiter.api.Test;

/** Every sequence of inputs up to a depth keeps every promise; and the checker is not fooled by engines that break one. */
class ReconnectExplorationTest {
    /** Budgets so small that seven inputs exhaust them. */
    private static final ReconnectPolicy TIGHT = ReconnectPolicy.DEFAULT.withBudgets(3, 5);

    /** Start, request, TCP, upgrade, ready. */
    private static final int[] TO_OPEN = {0, 4, 6, 12, 19};

    /** Then dead, and the first attempt of the outage asks for a request and has it. */
    private static final int[] TO_OUTAGE = {0, 4, 6, 12, 19, 29, 23, 29, 4};

    private static void explore(String name, ReconnectPolicy policy, double random, int depth, int... prologue) {
        Explorer.Coverage coverage =
                Explorer.explore(() -> new ReconnectWorld(ReconnectSubject::new, policy, random, prologue), depth);
        System.out.println("Reconnect, " + name + ", random " + random + ": " + coverage);
    }

    @Test
    void keepsEveryPromiseFromTheBeginning() {
        explore("from the beginning", TIGHT, 0.5, 6);
    }

    @Test
    void keepsEveryPromiseFromAnOpenConnection() {
        explore("from an open connection", TIGHT, 0.999_999, 6, TO_OPEN);
    }

    @Test
    void keepsEveryPromiseWhileTheNetworkIsGone() {
        explore("while the network is gone", TIGHT, 0, 5, TO_OUTAGE);
    }

    @Test
    void keepsEveryPromiseOfAFleet() {
        explore("fleet", TIGHT.withBackoff(Backoff.FLEET), 0.5, 5);
    }
}
