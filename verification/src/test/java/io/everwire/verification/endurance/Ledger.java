package io.everwire.verification.endurance;

import io.everwire.Delivery;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The account of the messages that go one way between two endpoints, each with its number: what was promised, and what came.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
final class Ledger {
    private final String name;
    private final BitSet confirmed = new BitSet();
    private final BitSet unknown = new BitSet();
    private final BitSet notSent = new BitSet();
    private final BitSet received = new BitSet();
    private final BitSet late = new BitSet();
    private final Map<Object, Integer> lastByConnection = new HashMap<>();
    private final List<String> mistakes = new ArrayList<>();
    private int sent;
    private int highestConfirmed = -1;

    Ledger(String name) {
        this.name = name;
    }

    /** Returns the number of the next message. */
    synchronized int next() {
        return sent++;
    }

    synchronized int sent() {
        return sent;
    }

    /** Tells whether a message with this number or a later one was confirmed. */
    synchronized boolean isConfirmedSince(int number) {
        return highestConfirmed >= number;
    }

    synchronized void settle(int number, Delivery delivery) {
        if (isSettled(number)) {
            mistakes.add(name + " " + number + " was settled again: " + delivery);
        }
        switch (delivery.outcome()) {
            case CONFIRMED -> {
                confirmed.set(number);
                highestConfirmed = Math.max(highestConfirmed, number);
            }
            case UNKNOWN -> unknown.set(number);
            case NOT_SENT -> notSent.set(number);
        }
    }

    private boolean isSettled(int number) {
        return confirmed.get(number) || unknown.get(number) || notSent.get(number);
    }

    synchronized void receive(Object connection, int number) {
        if (received.get(number)) {
            mistakes.add(name + " " + number + " came twice");
        }
        Integer last = lastByConnection.put(connection, number);
        if (last != null && last >= number) {
            mistakes.add(name + " " + number + " came after " + last + " on one connection");
        }
        late.set(number, number < received.length());
        received.set(number);
    }

    /** Tells whether every send has ended. */
    synchronized boolean isSettled() {
        return confirmed.cardinality() + unknown.cardinality() + notSent.cardinality() == sent;
    }

    /** Returns a sentence for everything that contradicts a promise; call it when all is over. */
    synchronized List<String> mistakes() {
        List<String> all = new ArrayList<>(mistakes);
        BitSet settled = union(union(confirmed, unknown), notSent);
        for (int number = settled.nextClearBit(0); number < sent; number = settled.nextClearBit(number + 1)) {
            all.add(name + " " + number + " was never settled");
        }
        tell(all, without(confirmed, received), "was confirmed and did not come");
        tell(all, without(notSent, without(notSent, received)), "came, though it ended NOT_SENT");
        // What a lost connection still held may come after what its successor brought; nobody was promised anything
        // about it.
        tell(all, without(late, unknown), "came after a later one");
        return all;
    }

    private void tell(List<String> all, BitSet numbers, String what) {
        numbers.stream().limit(10).forEach(number -> all.add(name + " " + number + " " + what));
    }

    private static BitSet union(BitSet left, BitSet right) {
        BitSet union = (BitSet) left.clone();
        union.or(right);
        return union;
    }

    private static BitSet without(BitSet all, BitSet some) {
        BitSet rest = (BitSet) all.clone();
        rest.andNot(some);
        return rest;
    }

    @Override
    public synchronized String toString() {
        return name + ": " + sent + " sent, " + confirmed.cardinality() + " confirmed, " + unknown.cardinality()
                + " unknown, " + notSent.cardinality() + " not sent, " + received.cardinality() + " received, "
                + late.cardinality() + " late";
    }
}
