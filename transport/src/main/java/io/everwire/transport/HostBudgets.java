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
        BUDGETS.values().removeIf(reference -> reference.get() == null);
        HostBudget fresh = new HostBudget(UPGRADES_PER_SECOND, PROBES_PER_SECOND, RealClock.nanos());
        WeakReference<HostBudget> kept = BUDGETS.compute(
                name,
                (ignored, reference) ->
                        reference == null || reference.get() == null ? new WeakReference<>(fresh) : reference);
        HostBudget shared = kept.get();
        return shared == null ? fresh : shared;
    }
}
