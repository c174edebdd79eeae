package io.everwire.faults;

/** New connections are refused (TCP RST in answer to the SYN); open ones go on. */
public record Refuse() implements Fault {

    @Override
    public String word() {
        return "refuse";
    }

    @Override
    public String toString() {
        return word();
    }
}
