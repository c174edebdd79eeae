package io.everwire.verification.simulation;

import org.jspecify.annotations.Nullable;

/** Chooses what goes wrong, and when. */
final class Faults {
    private final World world;
    private final Chance chance;
    private boolean isOn = true;

    Faults(World world) {
        this.world = world;
        chance = world.chance;
    }

    void begin() {
        world.agenda.after(chance.millis(100, 3_000), this::strike);
    }

    private void strike() {
        if (!isOn) {
            return;
        }
        strikeOnce();
        world.agenda.after(chance.millis(200, 4_000), this::strike);
    }

    private void strikeOnce() {
        ClientEnd client = world.clients.get(chance.below(world.clients.size()));
        Link link = client.newest();
        int draw = chance.below(10);
        if (link == null) {
            return;
        }
        if (draw < 4) {
            world.count(Fault.CUT);
            link.cut();
        } else if (draw < 7) {
            world.count(Fault.CUT_AT_BYTE);
            link.cutAfter(chance.oneIn(2) ? link.up : link.down, chance.below(300));
        } else if (draw < 9) {
            boolean isUp = chance.oneIn(2);
            world.count(isUp ? Fault.HALF_OPEN_UP : Fault.HALF_OPEN_DOWN);
            link.mute(isUp, !isUp);
        } else {
            world.count(Fault.BLACK_HOLE);
            link.mute(true, true);
        }
    }

    /** A connection was dialed; its opening is the most vulnerable. */
    void handleDialed(Link link) {
        if (!link.node.isUp) {
            link.isServerOpen = false;
            link.cut();
            return;
        }
        if (isOn && chance.oneIn(8)) {
            world.count(Fault.CUT_IN_OPENING);
            if (chance.oneIn(2)) {
                link.cutAfter(link.up, 0);
                link.up.limit = Math.max(0, link.up.written - 1 - chance.below(Math.max(1, link.up.written)));
            } else {
                link.cutAfter(link.down, chance.below(250));
            }
        }
    }

    void handleMoved() {}

    /** Draws what becomes of a call of a store; null for what it should. */
    @Nullable Fault fateOfStoreCall() {
        return null;
    }

    /** Ends all that is wrong. */
    void heal() {
        isOn = false;
        for (Link link : world.links) {
            if (!link.isCut) {
                link.up.limit = Integer.MAX_VALUE;
                link.down.limit = Integer.MAX_VALUE;
            }
        }
    }
}
