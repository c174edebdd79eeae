package io.everwire.verification.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final Delivery UNKNOWN = Delivery.unknown("lost");
    private static final Delivery NOT_SENT = Delivery.notSent("closed");

    private final Ledger ledger = new Ledger("up");

    private void send(Delivery... outcomes) {
        for (Delivery outcome : outcomes) {
            ledger.settle(ledger.next(), outcome);
        }
    }

    private void receive(String connection, int... numbers) {
        for (int number : numbers) {
            ledger.receive(connection, number);
        }
    }

    @Test
    void findsNothingWrongWithWhatWasPromised() {
        send(Delivery.CONFIRMED, UNKNOWN, UNKNOWN, NOT_SENT, Delivery.CONFIRMED);
        receive("first", 0, 1);
        receive("second", 4);

        assertThat(ledger.mistakes()).isEmpty();
        assertThat(ledger.isSettled()).isTrue();
    }

    @Test
    void findsAConfirmedMessageThatDidNotCome() {
        send(Delivery.CONFIRMED, Delivery.CONFIRMED);
        receive("first", 1);

        assertThat(ledger.mistakes()).containsExactly("up 0 was confirmed and did not come");
    }

    @Test
    void findsAMessageThatCameThoughItWasNotSent() {
        send(NOT_SENT);
        receive("first", 0);

        assertThat(ledger.mistakes()).containsExactly("up 0 came, though it ended NOT_SENT");
    }

    @Test
    void findsADuplicate() {
        send(UNKNOWN);
        receive("first", 0);
        receive("second", 0);

        assertThat(ledger.mistakes()).containsExactly("up 0 came twice");
    }

    @Test
    void findsWrongOrderOnAConnectionAndAcrossConnectionsUnlessUnknown() {
        send(UNKNOWN, UNKNOWN, Delivery.CONFIRMED, Delivery.CONFIRMED);
        receive("first", 1);
        receive("second", 3);
        receive("first", 0);
        receive("third", 2);

        assertThat(ledger.mistakes())
                .containsExactly("up 0 came after 1 on one connection", "up 2 came after a later one");
    }

    @Test
    void findsASendThatDidNotSettleAndOneThatSettledTwice() {
        ledger.settle(ledger.next(), UNKNOWN);
        ledger.settle(0, UNKNOWN);
        ledger.next();

        assertThat(ledger.isSettled()).isFalse();
        assertThat(ledger.mistakes())
                .containsExactly("up 0 was settled again: UNKNOWN(lost)", "up 1 was never settled");
    }
}
