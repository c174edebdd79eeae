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

    private static final Failure RESET = Failure.of(Kind.CONNECTION_LOST, "reset");
    private static final Failure NO_ROUTE = Failure.of(Kind.NO_ROUTE, "no route");
    private static final Failure REFUSED = Failure.of(Kind.REFUSED, "refused");

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

    /** Nobody listens for so long, then somebody does: returns how long that is not noticed, and how often was dialed. */
    private static Duration untilNoticed(Duration outage, ReconnectPolicy policy, long seed) {
        ReconnectDriver driver = new ReconnectDriver(policy, seed);
        driver.open();
        driver.pass(Duration.ofSeconds(30));
        long back = driver.now + outage.toNanos();
        driver.lose(Failure.of(Kind.CONNECTION_LOST, "the peer reset it"));
        driver.outputs.clear();
        while (true) {
            for (ReconnectOutput output : driver.deadline()) {
                if (output instanceof ReconnectOutput.Request) {
                    driver.engine.handleRequest(driver.now);
                }
            }
            driver.drain();
            long probe = driver.outputs.stream()
                    .filter(ReconnectOutput.Probe.class::isInstance)
                    .mapToLong(output -> ((ReconnectOutput.Probe) output).probe())
                    .max()
                    .orElse(0);
            if (probe > 0 && driver.now >= back) {
                return Duration.ofNanos(driver.now - back);
            }
            driver.engine.handleProbeFailed(probe, REFUSED, driver.now);
            driver.drain();
            assertThat(driver.probes()).as("dialed").isLessThan(70);
        }
    }

    @Test
    void whoRefusesAfterALongTimeWithoutANetworkIsAskedAgainSoon() {
        ReconnectDriver driver = new ReconnectDriver(ReconnectPolicy.DEFAULT, 1);
        driver.open();
        driver.pass(Duration.ofSeconds(30));
        driver.lose(DEAD);
        for (long end = driver.now + 600 * Nanos.SECOND; driver.now < end; ) {
            driver.refuse(NO_ROUTE);
        }
        assertThat(ReconnectDriver.delay(driver.refuse(REFUSED)))
                .isBetween(Duration.ofMillis(125), Duration.ofMillis(375));
    }

    @Test
    void aLossSoonAfterAMoveBeginsAYoungOutage() {
        ReconnectDriver driver = new ReconnectDriver(ReconnectPolicy.DEFAULT, 1);
        driver.open();
        driver.pass(Duration.ofSeconds(30));
        driver.pass(Duration.ofHours(1));
        driver.engine.handleMoved(ReconnectDriver.HANDSHAKE, driver.now);
        driver.lose(RESET);
        long outage = Duration.ofSeconds(2).toNanos();
        long lost = driver.now;
        while (driver.now - lost < outage) {
            Duration delay = ReconnectDriver.delay(driver.refuse(NO_ROUTE));
            assertThat(delay.toNanos()).isLessThanOrEqualTo(Math.max(375 * Nanos.MILLI, driver.now - lost));
        }
    }

    @Test
    void noticesThatSomebodyListensAgainInProportionToTheOutage() {
        for (int seconds : new int[] {1, 2, 5, 15, 60, 600}) {
            Duration outage = Duration.ofSeconds(seconds);
            // A quarter of the outage's age, half as much again, of an age that grows meanwhile.
            Duration most = Duration.ofMillis(Math.min(30_000, Math.max(375, seconds * 375L)));
            double added = 0;
            int seeds = 200;
            for (int seed = 0; seed < seeds; seed++) {
                Duration late = untilNoticed(outage, ReconnectPolicy.DEFAULT, seed);
                assertThat(late).isLessThanOrEqualTo(most);
                added += late.toNanos() / (double) outage.toNanos() / seeds;
            }
            LOG.log(System.Logger.Level.INFO, "refused for " + seconds + " s: noticed after " + added + " of it more");
            assertThat(added).isLessThan(0.25);
        }
    }

    @Test
    void aFleetIsAsPoliteToAPortThatRefusesAsToAnyServer() {
        double added = 0;
        int seeds = 200;
        for (int seed = 0; seed < seeds; seed++) {
            added += untilNoticed(Duration.ofSeconds(5), ReconnectPolicy.fleet(), seed)
                            .toMillis()
                    / 1_000.0
                    / seeds;
        }
        assertThat(added).as("seconds").isGreaterThan(1.25);
    }
}
