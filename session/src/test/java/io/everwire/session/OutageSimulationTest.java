package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Failure;
import io.everwire.Failure.Kind;
import io.everwire.ReconnectPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whole outages in virtual time: how often a session dials. */
class OutageSimulationTest {
    private static final System.Logger LOG = System.getLogger(OutageSimulationTest.class.getName());

    private static final Failure DEAD = Failure.of(Kind.PEER_DEAD, "no bytes from the peer for 7.0 s");

    private static ReconnectDriver inOutage(ReconnectPolicy policy, long seed) {
        ReconnectDriver driver = new ReconnectDriver(policy, seed);
        driver.open();
        driver.pass(Duration.ofSeconds(30));
        driver.lose(DEAD);
        driver.outputs.clear();
        driver.deadline();
        driver.request();
        return driver;
    }

    @Test
    void dialsAbout176TimesInTheFirstMinuteAnd290InTenWhenProbesHang() {
        double first = 0;
        double ten = 0;
        int seeds = 20;
        for (int seed = 0; seed < seeds; seed++) {
            ReconnectDriver driver = inOutage(ReconnectPolicy.DEFAULT.withBudgets(60, 100_000), seed);
            driver.pass(Duration.ofMinutes(1));
            first += driver.probes();
            driver.pass(Duration.ofMinutes(9));
            ten += driver.probes();
        }
        LOG.log(System.Logger.Level.INFO, "probes in the first minute " + first / seeds + ", in ten " + ten / seeds);
        assertThat(first / seeds).isBetween(165.0, 187.0);
        assertThat(ten / seeds).isBetween(275.0, 305.0);
    }

    @Test
    void keepsItsBudgetOfProbes() {
        ReconnectDriver driver = inOutage(ReconnectPolicy.DEFAULT.withBudgets(60, 30), 1);
        driver.pass(Duration.ofMinutes(1));
        // A full bucket, and what flows in during the minute.
        assertThat(driver.probes()).isLessThanOrEqualTo(60);
        driver.outputs.clear();
        driver.pass(Duration.ofMinutes(1));
        assertThat(driver.probes()).isLessThanOrEqualTo(31);
    }

    @Test
    void staysWithinThreeHundredProbesAMinuteByDefault() {
        for (int seed = 0; seed < 20; seed++) {
            ReconnectDriver driver = inOutage(ReconnectPolicy.DEFAULT, seed);
            for (int minute = 0; minute < 30; minute++) {
                driver.outputs.clear();
                driver.pass(Duration.ofMinutes(1));
                assertThat(driver.probes()).isBetween(2L, 300L);
            }
        }
    }
}
