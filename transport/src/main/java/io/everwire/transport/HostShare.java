package io.everwire.transport;

import io.everwire.session.HostBudget;

/**
 * What all sessions of this JVM to one host may ask of it together; those that name the same share one budget.
 *
 * @param host its name
 * @param port its port
 * @param upgradesPerSecond upgrade requests, at least 1; default 20
 * @param probesPerSecond TCP connects, at least 1; default 200
 */
public record HostShare(String host, int port, int upgradesPerSecond, int probesPerSecond) {
    /** Names the default share of a host. */
    public static HostShare of(String host, int port) {
        return new HostShare(host, port, HostBudget.UPGRADES_PER_SECOND, HostBudget.PROBES_PER_SECOND);
    }

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException when one of them is below 1
     */
    public HostShare {
        if (upgradesPerSecond < 1 || probesPerSecond < 1) {
            throw new IllegalArgumentException("the host's budget is " + upgradesPerSecond + " upgrades and "
                    + probesPerSecond + " TCP connects a second; each must be at least 1");
        }
    }

    HostBudget budget() {
        return HostBudgets.of(this);
    }
}
