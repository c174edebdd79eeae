package io.everwire.faults;

/**
 * A cut cable: nothing passes and nobody is told.
 *
 * <p>What is sent into it is not lost but held, and passes on after {@link Heal} when TCP would send it again (see
 * {@link Retransmission}). New connections are not answered, whichever direction is cut: opening one takes both.
 *
 * @param up whether the way from the client to the server is cut
 * @param down whether the way from the server to the client is cut
 */
public record Blackhole(boolean up, boolean down) implements Fault {

    /** Both directions are cut. */
    public static final Blackhole BOTH = new Blackhole(true, true);

    /** Only the way from the client to the server is cut. */
    public static final Blackhole UP = new Blackhole(true, false);

    /** Only the way from the server to the client is cut. */
    public static final Blackhole DOWN = new Blackhole(false, true);

    /**
     * Makes a blackhole of at least one direction.
     *
     * @throws IllegalArgumentException if neither direction is cut
     */
    public Blackhole {
        if (!up && !down) {
            throw new IllegalArgumentException("a blackhole cuts at least one direction; heal cuts none");
        }
    }

    /** Whether this blackhole swallows what goes in the given direction. */
    public boolean cuts(Direction direction) {
        return direction == Direction.UP ? up : down;
    }

    @Override
    public String word() {
        if (up && down) {
            return "blackhole";
        }
        return up ? "blackhole-up" : "blackhole-down";
    }

    @Override
    public String toString() {
        return word();
    }
}
