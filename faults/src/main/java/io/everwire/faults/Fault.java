package io.everwire.faults;

/**
 * One thing that can go wrong on the way between a client and a server, or {@link Heal}, which ends all of them.
 */
public sealed interface Fault
        permits Blackhole, Reset, Refuse, AcceptThenClose, MuteUpgrade, Delay, Rate, Slice, CutAfter, Heal {

    /** The first word of the fault's text, and its kind: of two faults with the same word, the later one counts. */
    String word();

    /** The fault's text, which {@link #parse} reads back. */
    @Override
    String toString();

    /**
     * Reads a fault as it is written in a plan, for example {@code delay 200ms jitter 50ms}.
     *
     * @param text the fault's word and its arguments, separated by blanks; letters in lower case
     * @return the fault
     * @throws IllegalArgumentException with a sentence that names the wrong word and the words that are known
     */
    static Fault parse(String text) {
        return new FaultParser(text).fault();
    }
}
