package io.everwire.faults;

/** Ends every fault. */
public record Heal() implements Fault {

    @Override
    public String word() {
        return "heal";
    }

    @Override
    public String toString() {
        return word();
    }
}
