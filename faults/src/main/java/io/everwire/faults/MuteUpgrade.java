package io.everwire.faults;

/**
 * A server that accepts and then says nothing: connections made while this fault is active open and carry bytes up, but
 * nothing comes back until {@link Heal}. Then everything that was held comes at once, because TCP had it all along.
 */
public record MuteUpgrade() implements Fault {

    @Override
    public String word() {
        return "mute-upgrade";
    }

    @Override
    public String toString() {
        return word();
    }
}
