package io.everwire.transport;

import io.everwire.session.HostBudget;
import java.lang.ref.WeakReference;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The budgets that all sessions of this JVM share, one for each host: ten thousand sessions are one storm otherwise. */
final class HostBudgets {
    private static final int UPGRADES_PER_SECOND = 20;
    private static final int PROBES_PER_SECOND = 200;
    private static final Map<String, WeakReference<HostBudget>> BUDGETS = new ConcurrentHashMap<>();

    private HostBudgets() {}

    /** Returns the budget of a host; it lives as long as a session holds it. */
    static HostBudget of(String host, int port) {
        String name = host.toLowerCase(Locale.ROOT) + ":" + port;
        HostBudget[] found = new HostBudget[1];
        BUDGETS.values().removeIf(reference -> reference.get() == null);
        BUDGETS.compute(name, (ignored, reference) -> {
            found[0] = reference == null ? null : reference.get();
            if (found[0] != null) {
                return reference;
            }
            found[0] = new HostBudget(UPGRADES_PER_SECOND, PROBES_PER_SECOND, RealClock.nanos());
            return new WeakReference<>(found[0]);
        });
        return found[0];
    }
}
