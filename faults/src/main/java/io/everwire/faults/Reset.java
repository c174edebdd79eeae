package io.everwire.faults;

/** Every open connection is aborted on both sides (TCP RST), once; new connections are not touched. */
public record Reset() implements Fault {

    @Override
    public String word() {
        return "reset";
    }

    @Override
    public String toString() {
        return word();
    }
}
