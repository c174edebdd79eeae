package io.everwire.transport;

import io.everwire.session.HostBudget;
import java.lang.ref.WeakReference;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The budgets that all sessions of this JVM share, one for each host: ten thousand sessions are one storm otherwise. */
final class HostBudgets {
    private static final Map<HostShare, WeakReference<HostBudget>> BUDGETS = new ConcurrentHashMap<>();

    private HostBudgets() {}

    /** Returns the budget of a host; it lives as long as a session holds it. */
    static HostBudget of(HostShare share) {
        HostShare key = new HostShare(
                share.host().toLowerCase(Locale.ROOT),
                share.port(),
                share.upgradesPerSecond(),
                share.probesPerSecond());
        BUDGETS.values().removeIf(reference -> reference.get() == null);
        HostBudget fresh = new HostBudget(key.upgradesPerSecond(), key.probesPerSecond(), RealClock.nanos());
        WeakReference<HostBudget> kept = BUDGETS.compute(
                key,
                (ignored, reference) ->
                        reference == null || reference.get() == null ? new WeakReference<>(fresh) : reference);
        HostBudget shared = kept.get();
        return shared == null ? fresh : shared;
    }
}
