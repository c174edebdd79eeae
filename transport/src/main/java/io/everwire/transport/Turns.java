package io.everwire.transport;

import java.util.function.BooleanSupplier;

/**
 * Counts what an event loop takes from the kernel, and so knows when all has been read that was readable at some moment. A turn takes
 * only so many events. The kernel hands them out in the order in which they came, so that either a turn that had room, or one event for
 * each connection, is the proof.
 *
 * <p><b>Thread safety.</b> Used on its event loop only.
 */
final class Turns {
    private final int room;
    private long events;
    private long turnsWithRoom;

    /**
     * Begins to count.
     *
     * @param room so many events of connections fit into a turn at least
     */
    Turns(int room) {
        this.room = room;
    }

    /** A turn has taken so many events of connections, and handled them. */
    void handleTurn(int taken) {
        events += taken;
        if (taken < room) {
            turnsWithRoom++;
        }
    }

    /**
     * Asks whether everything has been read that is readable now; the answer becomes true, and stays so.
     *
     * @param connections how many there are now
     */
    BooleanSupplier isRead(int connections) {
        long eventsThen = events + connections;
        long turnsThen = turnsWithRoom;
        return () -> turnsWithRoom > turnsThen || events >= eventsThen;
    }
}
