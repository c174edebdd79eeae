package io.everwire.verification.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The judge of deliveries finds each lie; a judge that finds none would make {@link DeliveryToPlainPeerTest} worthless. */
class JournalTest {
    private static final List<String> HONEST =
            List.of("message 7 7 epoch-1", "message 7 10 0", "pong 7", "message 7 10 1", "pong 7", "message 7 10 2");

    private final Journal journal = new Journal();

    /** Three sends: the first confirmed, the second likewise, the third in doubt; two pings answered. */
    private Journal settled(Delivery.Outcome first, Delivery.Outcome second, Delivery.Outcome third, int answered) {
        List<Delivery.Outcome> outcomes = List.of(first, second, third);
        for (int number = 0; number < 3; number++) {
            journal.send(number, 10);
            journal.settle(number, new Delivery(outcomes.get(number), ""));
        }
        journal.end(1, answered);
        return journal;
    }

    private Journal honest() {
        return settled(Delivery.Outcome.CONFIRMED, Delivery.Outcome.CONFIRMED, Delivery.Outcome.UNKNOWN, 2);
    }

    private static List<String> without(int line) {
        return HONEST.stream().filter(each -> !each.equals(HONEST.get(line))).toList();
    }

    @Test
    void findsNothingWhereNothingIs() {
        assertThat(honest().judge(HONEST)).isEmpty();
        assertThat(journal.read()).isEqualTo(3);
    }

    @Test
    void allowsWhatIsInDoubtToBeMissing() {
        assertThat(honest().judge(without(5))).isEmpty();
    }

    @Test
    void findsAConfirmationOfWhatWasNotRead() {
        assertThat(honest().judge(without(3))).containsExactly("1 ended CONFIRMED, and the peer never read it");
    }

    @Test
    void findsWhatWasReadThoughItWasNotSent() {
        assertThat(settled(Delivery.Outcome.CONFIRMED, Delivery.Outcome.CONFIRMED, Delivery.Outcome.NOT_SENT, 2)
                        .judge(HONEST))
                .containsExactly("2 ended NOT_SENT, and the peer has read it");
    }

    @Test
    void findsWhatAnAnsweredPingShouldHaveConfirmed() {
        assertThat(settled(Delivery.Outcome.CONFIRMED, Delivery.Outcome.UNKNOWN, Delivery.Outcome.UNKNOWN, 2)
                        .judge(HONEST))
                .containsExactly("1 ended UNKNOWN, and stood before answered ping 2 of connection 1");
    }

    @Test
    void expectsNothingOfAPingWhoseAnswerWasLost() {
        assertThat(settled(Delivery.Outcome.CONFIRMED, Delivery.Outcome.UNKNOWN, Delivery.Outcome.UNKNOWN, 1)
                        .judge(HONEST))
                .isEmpty();
    }

    @Test
    void findsAnAnswerThatThePeerNeverGave() {
        assertThat(settled(Delivery.Outcome.CONFIRMED, Delivery.Outcome.CONFIRMED, Delivery.Outcome.CONFIRMED, 3)
                        .judge(HONEST))
                .containsExactly("connection 1 counts 3 answered pings, and the peer answered 2");
    }

    @Test
    void findsWhatWasReadTwiceOrInPart() {
        assertThat(honest().judge(List.of(
                        "message 7 7 epoch-1",
                        "message 7 10 0",
                        "pong 7",
                        "message 7 9 1",
                        "pong 7",
                        "message 8 10 0")))
                .containsExactly("1 has 10 characters, and the peer read 9", "0 was read twice");
    }

    @Test
    void findsASendThatNeverEndsOrEndsTwice() {
        honest().send(3, 10);
        journal.settle(0, Delivery.CONFIRMED);
        assertThat(journal.isSettled()).isFalse();
        assertThat(journal.judge(HONEST)).containsExactly("0 was settled twice", "3 was never settled");
    }
}
