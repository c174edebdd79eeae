package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ReconnectPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients and a server as they are, and everything between them in virtual time: how soon all are back after a restart. */
class RestartSimulationTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration WARM_AT_ONCE = Duration.ZERO;

    private static RestartSimulation restart(
            ReconnectPolicy policy, int clients, int perSecond, Duration outage, Duration warmUp) {
        RestartSimulation restart = new RestartSimulation(clients, policy, outage, perSecond, warmUp, 1);
        restart.run(LONG);
        return restart;
    }

    @ParameterizedTest
    @CsvSource({"15000, 4000, 1", "15000, 4000, 3", "15000, 4000, 10", "15000, 6000, 3", "3000, 2000, 1"})
    void everybodyIsBackAsSoonAsTheServerCanTakeThem(int clients, int perSecond, int outageSeconds) {
        RestartSimulation restart =
                restart(ReconnectPolicy.DEFAULT, clients, perSecond, Duration.ofSeconds(outageSeconds), WARM_AT_ONCE);
        assertThat(restart.ratio()).isLessThan(1.2);
        assertThat(restart.attempts()).isLessThan(1.2);
    }

    /** A JVM that has just started manages a tenth at first, by which even the best takes 1.23 times as long. */
    @ParameterizedTest
    @CsvSource({"1", "3", "10"})
    void alsoWhenItIsSlowAtFirst(int outageSeconds) {
        RestartSimulation restart = restart(
                ReconnectPolicy.DEFAULT, 15_000, 4_000, Duration.ofSeconds(outageSeconds), Duration.ofSeconds(2));
        assertThat(restart.ratio()).isLessThan(1.5);
        assertThat(restart.attempts()).isLessThan(1.2);
    }

    /** Fifteen seconds are more than anybody waits: here slots are handed out. */
    @Test
    void aServerThatTakesLongerThanItsClientsWaitIsNotOverrun() {
        RestartSimulation restart =
                restart(ReconnectPolicy.DEFAULT, 15_000, 1_000, Duration.ofSeconds(2), Duration.ofSeconds(3));
        assertThat(restart.ratio()).isLessThan(1.6);
        assertThat(restart.attempts()).isLessThan(2.5);
        assertThat(restart.counts().admittedByTicket()).isGreaterThan(5_000);
    }

    /** The longer nobody listened, the longer a session sleeps that doubles its delays: what the rule for refusals is there for. */
    @Test
    void aFleetIsBackLater() {
        RestartSimulation restart =
                restart(ReconnectPolicy.fleet(), 15_000, 4_000, Duration.ofSeconds(10), WARM_AT_ONCE);
        assertThat(restart.ratio()).isGreaterThan(3);
        assertThat(restart.refusals()).isLessThan(10);
    }
}
