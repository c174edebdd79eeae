package io.everwire.faults;

/** New connections are accepted and closed at once, without a byte; open ones go on. */
public record AcceptThenClose() implements Fault {

    @Override
    public String word() {
        return "accept-then-close";
    }

    @Override
    public String toString() {
        return word();
    }
}
