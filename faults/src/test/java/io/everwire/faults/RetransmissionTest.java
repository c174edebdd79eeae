package io.everwire.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetransmissionTest {

    private static final long MILLI = 1_000_000;

    @Test
    void anOpenConnectionDoublesItsTimeoutFrom200MillisUpTo120Seconds() {
        assertThat(instants(Retransmission.OPEN, 12))
                .containsExactly(
                        200L, 600L, 1_400L, 3_000L, 6_200L, 12_600L, 25_400L, 51_000L, 102_200L, 204_600L, 324_600L,
                        444_600L);
    }

    @Test
    void anOpeningConnectionSendsItsSynFiveTimesASecondApartBeforeItDoubles() {
        assertThat(instants(Retransmission.OPENING, 10))
                .containsExactly(1_000L, 2_000L, 3_000L, 4_000L, 5_000L, 7_000L, 11_000L, 19_000L, 35_000L, 67_000L);
    }

    @Test
    void anInstantCountsWhenTheHealComesExactlyThen() {
        assertThat(Retransmission.OPEN.firstAtOrAfter(0, 600 * MILLI)).isEqualTo(600 * MILLI);
        assertThat(Retransmission.OPEN.firstAtOrAfter(0, 600 * MILLI + 1)).isEqualTo(1_400 * MILLI);
    }

    @Test
    void aCutThatIsOverBeforeTheFirstTimeoutCostsThatTimeout() {
        assertThat(Retransmission.OPEN.firstAtOrAfter(-7, -7)).isEqualTo(200 * MILLI - 7);
    }

    @Test
    void aVeryLongCutIsFoundWithoutCountingItsTimeoutsOneByOne() {
        long yearNanos = 365L * 24 * 3_600 * 1_000 * MILLI;
        long again = Retransmission.OPEN.firstAtOrAfter(0, yearNanos);
        assertThat(again).isBetween(yearNanos, yearNanos + 120_000 * MILLI);
        assertThat((again - 204_600 * MILLI) % (120_000 * MILLI)).isZero();
    }

    private static List<Long> instants(Retransmission schedule, int count) {
        List<Long> instants = new ArrayList<>();
        long afterNanos = 0;
        for (int i = 0; i < count; i++) {
            afterNanos = schedule.firstAtOrAfter(0, afterNanos + 1);
            instants.add(afterNanos / MILLI);
        }
        return instants;
    }
}
