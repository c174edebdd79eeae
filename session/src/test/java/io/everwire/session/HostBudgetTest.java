package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What all sessions to a host share. */
class HostBudgetTest {
    @Test
    void startsFullAndThenGivesPlacesInTurn() {
        HostBudget budget = new HostBudget(20, 200, -5);
        for (int i = 0; i < 20; i++) {
            assertThat(budget.claimUpgrade(0, -5)).isEqualTo(-5);
        }
        assertThat(budget.claimUpgrade(Nanos.SECOND, -5)).isEqualTo(-5 + 50 * Nanos.MILLI);
        assertThat(budget.claimUpgrade(Nanos.SECOND, -5)).isEqualTo(-5 + 100 * Nanos.MILLI);
    }

    @Test
    void claimsNothingWhenTheWaitIsTooLong() {
        HostBudget budget = new HostBudget(1, 1, 0);
        assertThat(budget.claimUpgrade(0, 0)).isZero();
        assertThat(budget.claimUpgrade(Nanos.SECOND - 1, 0)).isEqualTo(Engine.NO_DEADLINE);
        assertThat(budget.claimUpgrade(Nanos.SECOND, 0)).isEqualTo(Nanos.SECOND);
    }

    @Test
    void givesNoMoreThanItsRateInAnySecondAfterTheFirst() {
        HostBudget budget = new HostBudget(20, 200, 0);
        int inSecondSecond = 0;
        for (int i = 0; i < 1_000; i++) {
            long at = budget.claimProbe(0);
            inSecondSecond += at >= Nanos.SECOND && at < 2 * Nanos.SECOND ? 1 : 0;
        }
        assertThat(inSecondSecond).isEqualTo(200);
    }
}
