package io.everwire.verification.simulation;

import io.everwire.SessionLoss;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What waits for the application of one end, in order: messages and what happened to the session. Its handler takes one at a time. */
final class Inbox {
    private final World world;
    private final End end;
    private final ArrayDeque<Entry> queue = new ArrayDeque<>();
    private boolean isBusy;
    private boolean isPaused;
    private boolean isDead;

    /** How many messages of the newest session wait or are in the handler, and their bytes with what the window charges. */
    int heldMessages;

    private @Nullable Ledger newest;

    long heldBytes;

    /** Something for the application: a message, or an event. */
    record Entry(
            Ledger ledger,
            int incarnation,
            long number,
            @Nullable Parcel parcel,
            @Nullable Told told,
            @Nullable SessionLoss loss) {}

    Inbox(World world, End end) {
        this.world = world;
        this.end = end;
    }

    void add(Ledger ledger, int incarnation, long number, Parcel parcel) {
        if (newest != ledger) {
            newest = ledger;
            heldMessages = 0;
            heldBytes = 0;
        }
        heldMessages++;
        heldBytes += parcel.body.bytes.length + 64;
        queue.add(new Entry(ledger, incarnation, number, parcel, null, null));
    }

    void tell(Ledger ledger, Told told, @Nullable SessionLoss loss) {
        queue.add(new Entry(ledger, 0, 0, null, told, loss));
    }

    /** Gives the application what it takes now. Returns whether the engine was told something. */
    boolean pump() {
        while (!isBusy && !isPaused && !isDead) {
            Entry entry = queue.peek();
            if (entry == null) {
                return false;
            }
            Told told = entry.told();
            Parcel parcel = entry.parcel();
            if (told != null) {
                queue.remove();
                world.observer.told(end, entry.ledger(), told, entry.loss());
            } else if (parcel != null && end.mayDeliver(entry)) {
                queue.remove();
                if (handle(entry, parcel)) {
                    return true;
                }
            } else if (end.isNeverDelivered(entry)) {
                queue.remove();
                forget(entry, parcel);
            } else {
                return false;
            }
        }
        return false;
    }

    /** Returns whether the handler has returned at once. */
    private boolean handle(Entry entry, Parcel parcel) {
        world.observer.delivered(end, entry.ledger(), entry.number(), parcel);
        Chance chance = world.chance;
        int draw = chance.below(100);
        if (draw < 4) {
            world.count(Fault.HANDLER_SENDS);
            end.send();
        } else if (draw < 7) {
            // What a handler throws is reported; the message counts as handled.
            world.count(Fault.HANDLER_THROWS);
        }
        int slow = end.isSlow() ? 70 : 25;
        if (!chance.percent(slow)) {
            handled(entry, parcel);
            return true;
        }
        isBusy = true;
        long time = chance.oneIn(12) ? chance.millis(20, 700) : chance.micros(50, 20_000);
        world.agenda.after(time, new Return(entry, parcel));
        return false;
    }

    /** The handler returns; that of a node that stands still returns when it goes on. */
    private final class Return implements Step {
        private final Entry entry;
        private final Parcel parcel;

        Return(Entry entry, Parcel parcel) {
            this.entry = entry;
            this.parcel = parcel;
        }

        @Override
        public void run() {
            if (isDead) {
                return;
            }
            if (end.isAsleep()) {
                world.agenda.at(end.awakeAt(), this);
                return;
            }
            isBusy = false;
            handled(entry, parcel);
            end.settle();
        }
    }

    private void handled(Entry entry, Parcel parcel) {
        forget(entry, parcel);
        end.engine().handleHanded(entry.incarnation(), entry.number(), world.agenda.now());
    }

    private void forget(Entry entry, @Nullable Parcel parcel) {
        if (parcel != null && entry.ledger() == newest) {
            heldMessages--;
            heldBytes -= parcel.body.bytes.length + 64;
        }
    }

    boolean isBusy() {
        return isBusy;
    }

    boolean isEmpty() {
        return queue.isEmpty() && !isBusy;
    }

    void pause() {
        isPaused = true;
    }

    void goOn() {
        isPaused = false;
        end.settle();
    }

    /** The process is gone, and what waited with it. */
    void die() {
        isDead = true;
        queue.clear();
    }
}
