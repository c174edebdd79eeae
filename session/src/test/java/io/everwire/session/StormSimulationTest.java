package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.StormPolicy;
import io.everwire.session.StormSimulation.Client;
import io.everwire.session.StormSimulation.Manners;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fifteen thousand clients of a server that was killed, in virtual time. */
class StormSimulationTest {
    private static final int CLIENTS = 15_000;
    private static final StormPolicy THOUSAND = StormPolicy.DEFAULT.withHandshakesPerSecond(1_000);
    private static final Duration NOW = Duration.ZERO;
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofMinutes(10);

    /** A server that manages 3,000 a second and is asked not to take more than 1,000. */
    private static StormSimulation thousand(long seed) {
        return new StormSimulation(THOUSAND, 3_000, NOW, seed);
    }

    private static double ratio(StormSimulation storm, double perSecond) {
        return StormSimulation.secondsUntil(0.99, storm.clients) * perSecond / storm.clients.size();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void letsEverybodyInAsFastAsItMay(long seed) {
        StormSimulation storm = thousand(seed);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
        storm.run(LONG);
        assertThat(ratio(storm, 1_000)).isLessThan(1.1);
        assertThat(StormSimulation.attempts(storm.clients)).isLessThan(2);
        assertThat(StormSimulation.mostAttempts(storm.clients)).isLessThanOrEqualTo(3);
        assertThat(storm.latestSeconds()).as("how late it ever was").isLessThan(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void doesSoAlsoWhileItIsColdAndAllComeAtOnce(long seed) {
        StormSimulation storm = new StormSimulation(THOUSAND, 6_000, Duration.ofSeconds(4), seed);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, Duration.ofMillis(100));
        storm.run(LONG);
        assertThat(ratio(storm, 1_000)).isLessThan(1.1);
        assertThat(StormSimulation.attempts(storm.clients)).isLessThan(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void findsOutHowMuchItCanWhenItIsNotTold(long seed) {
        StormSimulation storm = new StormSimulation(StormPolicy.DEFAULT, 1_000, NOW, seed);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
        storm.run(LONG);
        assertThat(ratio(storm, 1_000)).isLessThan(1.5);
        assertThat(StormSimulation.attempts(storm.clients)).isLessThan(2.2);

        StormSimulation uncontrolled = new StormSimulation(StormPolicy.NONE, 1_000, NOW, seed);
        uncontrolled.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
        uncontrolled.run(LONG);
        assertThat(ratio(uncontrolled, 1_000)).as("without control").isGreaterThan(2);
    }

    @Test
    void sendsNobodyAwayWhomItCanServeInTime() {
        StormSimulation storm = new StormSimulation(StormPolicy.DEFAULT, 3_000, NOW, 1);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
        storm.run(LONG);
        assertThat(storm.counts().refused()).isZero();
        assertThat(ratio(storm, 3_000)).isLessThan(1.05);
    }

    /** Who judges by what it could do when it was cold sends thousands away, and for too long. */
    @ParameterizedTest
    @CsvSource({"6000, 5, 4.74", "8000, 6, 4.38", "10000, 7, 4.11"})
    void believesThatAColdServerGoesOnToQuicken(int perSecond, int warmUpSeconds, double leastSeconds) {
        StormSimulation storm =
                new StormSimulation(StormPolicy.DEFAULT, perSecond, Duration.ofSeconds(warmUpSeconds), 1);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, Duration.ofMillis(100));
        storm.run(LONG);
        assertThat(StormSimulation.secondsUntil(0.99, storm.clients)).isLessThan(1.35 * leastSeconds);
        assertThat(StormSimulation.attempts(storm.clients)).isLessThan(1.5);
    }

    /** Some wait for longer than the server's patience, but nobody for longer than his own. */
    @ParameterizedTest
    @CsvSource({"1000, 3000, 0", "1000, 3000, 2", "1500, 3000, 2"})
    void doesNotSendAwayTheLastOfAQueueThatItCanServe(int perSecond, int clients, int warmUpSeconds) {
        StormSimulation storm =
                new StormSimulation(StormPolicy.DEFAULT, perSecond, Duration.ofSeconds(warmUpSeconds), 1);
        storm.add(clients, Manners.OBEDIENT, NOW, Duration.ofMillis(100));
        storm.run(LONG);
        assertThat(storm.latestSeconds()).isGreaterThan(2.5);
        assertThat(storm.counts().refused()).isZero();
        assertThat(StormSimulation.attempts(storm.clients)).isEqualTo(1);
    }

    /** At 200 a second whoever stands in the kernel's queue waits for 20 s, and nobody has so much patience. */
    @Test
    void doesNotWorkForTheDeadForEver() {
        StormSimulation storm = new StormSimulation(StormPolicy.DEFAULT, 200, NOW, 1);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
        storm.run(LONG);
        assertThat(ratio(storm, 200)).isLessThan(2);
    }

    @Test
    void letsThemInInTheOrderOfTheirSlots() {
        StormSimulation storm = thousand(1);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
        storm.run(LONG);
        List<Client> told = storm.clients.stream()
                .filter(client -> client.slotNanos != Engine.NO_DEADLINE)
                .sorted(Comparator.comparingLong(client -> client.slotNanos))
                .toList();
        assertThat(told).hasSizeGreaterThan(CLIENTS / 2);
        for (Client client : told) {
            assertThat(client.inNanos - client.slotNanos).isBetween(0L, 300 * Nanos.MILLI);
        }
    }

    @Test
    void letsInThoseWhoKnowOfNoTickets() {
        StormSimulation storm = thousand(1);
        storm.add(CLIENTS, Manners.FOREIGN, NOW, SOON);
        storm.run(LONG);
        assertThat(ratio(storm, 1_000)).isLessThan(1.2);
        assertThat(StormSimulation.attempts(storm.clients)).isLessThan(2);
    }

    @Test
    void letsNewcomersInWhileACrowdComesBack() {
        StormSimulation storm = thousand(1);
        storm.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
        storm.add(300, Manners.FOREIGN, Duration.ofSeconds(5), Duration.ofSeconds(10));
        storm.run(LONG);
        long inAtOnce = storm.of(Manners.FOREIGN).stream()
                .filter(client -> client.attempts == 1)
                .count();
        assertThat(inAtOnce).isGreaterThan(200);
        assertThat(ratio(storm, 1_000)).isLessThan(1.15);
    }

    /** Each second a greedy one asks anew: whoever does as he is told must not be worse off for it. */
    @Test
    void doesNotLetTheGreedyStarveTheObedient() {
        StormSimulation storm = thousand(1);
        storm.add(CLIENTS - 5_000, Manners.OBEDIENT, NOW, SOON);
        storm.add(5_000, Manners.GREEDY, NOW, SOON);
        storm.run(LONG);
        assertThat(ratio(storm, 1_000)).isLessThan(1.2);
        assertThat(StormSimulation.attempts(storm.of(Manners.OBEDIENT))).isLessThan(2);
        assertThat(StormSimulation.mostAttempts(storm.of(Manners.OBEDIENT))).isLessThanOrEqualTo(3);
    }

    @Test
    void keepsNoPlaceForThoseWhoDoNotComeBack() {
        StormSimulation storm = thousand(1);
        storm.add(CLIENTS / 2, Manners.GONE, NOW, SOON);
        storm.add(CLIENTS / 2, Manners.OBEDIENT, NOW, SOON);
        storm.add(1_000, Manners.FOREIGN, Duration.ofSeconds(3), Duration.ofSeconds(10));
        storm.run(LONG);
        assertThat(storm.of(Manners.FOREIGN))
                .as("newcomers take what is left")
                .allMatch(client -> client.attempts == 1);
        assertThat(StormSimulation.secondsUntil(1, storm.of(Manners.OBEDIENT))).isLessThan(16);
    }

    /** What the simulation would show if the control were broken: no test above can pass without it. */
    @Nested
    class ATestThatIsNotFooled {
        @Test
        void seesThatABacklogWithoutControlCollapses() {
            StormSimulation storm = new StormSimulation(StormPolicy.NONE, 500, NOW, 1);
            storm.add(CLIENTS, Manners.OBEDIENT, NOW, SOON);
            storm.run(Duration.ofMinutes(2));
            long in = storm.clients.stream()
                    .filter(client -> client.inNanos != Engine.NO_DEADLINE)
                    .count();
            assertThat(in).isLessThan(CLIENTS / 2);
        }
    }
}
