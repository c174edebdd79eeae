package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What must hold for the messages of one direction, however often the cable was cut.
 *
 * @param name the direction, for the message of a failure
 * @param sender the sender's report
 * @param receiver the receiver's report
 */
record Ledger(String name, Event sender, Event receiver) {
    /** Checks: every send settled, nothing confirmed is missing, nothing that was not sent has arrived, no duplicate, in order. */
    void check() {
        List<Long> received = receiver.numbers("received");
        Set<Long> unknown = new HashSet<>(sender.numbers("unknown"));
        Set<Long> notSent = new HashSet<>(sender.numbers("notSent"));
        assertThat(sender.number("pending"))
                .as("%s: sends that never settled", name)
                .isZero();
        assertThat(received)
                .as("%s: received in order, without a duplicate", name)
                .isSorted();
        assertThat(new HashSet<>(received)).as("%s: no duplicate", name).hasSameSizeAs(received);
        assertThat(received).as("%s: what was not sent", name).noneMatch(notSent::contains);
        Set<Long> missing = new HashSet<>();
        for (long seq = 1; seq <= sender.number("sent"); seq++) {
            missing.add(seq);
        }
        received.forEach(missing::remove);
        missing.removeAll(unknown);
        missing.removeAll(notSent);
        assertThat(missing).as("%s: confirmed and never received", name).isEmpty();
    }

    /** Returns what the table says of this direction. */
    String summary() {
        return "%d sent, %d unknown, %d not sent"
                .formatted(
                        sender.number("sent"),
                        sender.numbers("unknown").size(),
                        sender.numbers("notSent").size());
    }
}
