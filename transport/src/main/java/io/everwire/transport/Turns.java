package io.everwire.transport;

import java.util.function.BooleanSupplier;

/**
 * Counts what an event loop takes from the kernel, and so knows when all has been read that was readable at some moment. A turn takes
 * only so many events. The kernel hands them out in the order in which they came, so that either a turn that had room, or one event for
 * each that there may be, is the proof. A turn may also have room because a task came in between and the kernel was not asked; the next one
 * asks.
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
     * @param room so many events fit into a turn
     */
    Turns(int room) {
        this.room = room;
    }

    /** A turn has taken so many events, and handled them. */
    void handleTurn(int taken) {
        events += taken;
        if (taken < room) {
            turnsWithRoom++;
        }
    }

    /**
     * Asks whether everything has been read that is readable now; the answer becomes true, and stays so.
     *
     * @param sources how many may have an event now
     */
    BooleanSupplier isRead(int sources) {
        long eventsThen = events + sources;
        long turnsThen = turnsWithRoom;
        return () -> turnsWithRoom > turnsThen + 1 || events >= eventsThen;
    }
}
