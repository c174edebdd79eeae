package io.everwire.verification.simulation;

/** I10: when the faults are over, everything accepted arrives, and is known to have arrived. */
final class Drains {
    private final World world;

    Drains(World world) {
        this.world = world;
    }

    void calm() {
        if (world.isCalm()) {
            return;
        }
        for (ClientEnd client : world.clients) {
            if (!client.isStopped && !world.isCalm(client)) {
                ServerEnd server = world.ownerOf(client);
                throw world.violation(
                        "I10: not all has arrived a minute and a session's time to live after the last fault. Client "
                                + describe(client)
                                + ", " + client.engine().state() + "; server "
                                + (server == null
                                        ? "gone"
                                        : describe(server) + ", "
                                                + server.engine().state()));
            }
        }
    }

    private static String describe(End end) {
        return (end.isAttached ? "attached" : "detached") + ", " + end.outbox.size() + " held back, "
                + end.inbox.heldMessages + " not handled, " + end.engine().confirmed() + " of "
                + end.engine().sent() + " confirmed";
    }
}
