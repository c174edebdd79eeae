package io.everwire.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The faults that are active at a moment, in the order in which they were applied; at most one of each
 * {@linkplain Fault#word() kind}. {@link Reset} happens and is over, so it is never among them.
 *
 * @param list the active faults
 */
public record ActiveFaults(List<Fault> list) {

    /** Nothing is wrong. */
    public static final ActiveFaults NONE = new ActiveFaults(List.of());

    /** Makes a copy of the list. */
    public ActiveFaults {
        list = List.copyOf(list);
    }

    /** What is active after the given fault is applied: it replaces the one of its kind, and {@link Heal} ends all. */
    public ActiveFaults with(Fault fault) {
        if (fault instanceof Heal) {
            return NONE;
        }
        if (fault instanceof Reset) {
            return this;
        }
        List<Fault> faults = new ArrayList<>(list);
        faults.removeIf(earlier -> earlier.word().equals(fault.word()));
        faults.add(fault);
        return new ActiveFaults(faults);
    }

    /** Whether nothing that is sent in the given direction arrives. */
    public boolean cuts(Direction direction) {
        return list.stream().anyMatch(fault -> fault instanceof Blackhole hole && hole.cuts(direction));
    }

    /** Whether any direction is cut, so that a new connection gets no answer. */
    public boolean silencesNewConnections() {
        return has(Blackhole.class);
    }

    /** Whether a fault of the given type is active. */
    public boolean has(Class<? extends Fault> type) {
        return find(type).isPresent();
    }

    /** The active fault of the given type. */
    public <F extends Fault> Optional<F> find(Class<F> type) {
        return list.stream().filter(type::isInstance).map(type::cast).findFirst();
    }
}
