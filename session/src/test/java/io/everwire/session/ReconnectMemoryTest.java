package io.everwire.session;

import static io.everwire.session.ReconnectDriver.delay;
import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Failure;
import io.everwire.Failure.Kind;
import io.everwire.ReconnectPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session remembers from one connection to the next: failures, and the request that was supplied. */
class ReconnectMemoryTest {
    private static final Failure RESET = Failure.of(Kind.CONNECTION_LOST, "reset");
    private static final Failure REFUSED = Failure.of(Kind.REFUSED, "refused");

    private final ReconnectDriver driver = new ReconnectDriver(ReconnectPolicy.DEFAULT, 7);
    private final Reconnect engine = driver.engine;

    /** A cable that flaps every second carries messages all the same, and each wait for it is a wait of the application. */
    @Test
    void takesAConnectionOnWhichAResumedSessionHasMovedForStable() {
        driver.open();
        for (int i = 0; i < 20; i++) {
            driver.pass(Duration.ofSeconds(1));
            engine.handleProven(engine.epoch());
            assertThat(delay(driver.lose(RESET))).isBetween(Duration.ofMillis(50), Duration.ofMillis(250));
            driver.open();
        }
    }

    @Test
    void takesNoOlderConnectionAndNoneThatIsNotReadyForProven() {
        driver.open();
        Duration longest = Duration.ZERO;
        for (int i = 0; i < 30; i++) {
            engine.handleProven(engine.epoch() - 1);
            Duration delay = delay(driver.lose(RESET));
            longest = delay.compareTo(longest) > 0 ? delay : longest;
            engine.handleProven(engine.epoch());
            driver.prepare();
            engine.handleProven(engine.epoch());
            driver.ready();
        }
        assertThat(longest).isGreaterThan(Duration.ofSeconds(15));
    }

    /** While a server refuses TCP, no upgrade uses what was supplied, and a token in it grows old. */
    @Test
    void asksAgainWhenNoUpgradeHasUsedTheRequestFor30Seconds() {
        driver.open();
        driver.pass(Duration.ofMinutes(1));
        driver.lose(RESET);
        long end = driver.now + 600 * Nanos.SECOND;
        long askedAt = Long.MAX_VALUE;
        long oldest = 0;
        int asked = 0;
        int probed = 0;
        while (driver.now < end) {
            List<ReconnectOutput> fresh = driver.drain();
            if (fresh.isEmpty()) {
                fresh = driver.deadline();
            }
            for (ReconnectOutput output : fresh) {
                if (output instanceof ReconnectOutput.Request) {
                    engine.handleRequest(driver.now);
                    askedAt = driver.now;
                    asked++;
                } else if (output instanceof ReconnectOutput.Probe probe) {
                    oldest = Math.max(oldest, driver.now - askedAt);
                    probed++;
                    engine.handleProbeFailed(probe.probe(), REFUSED, driver.now);
                }
            }
        }
        assertThat(oldest).isBetween(Nanos.SECOND, 30 * Nanos.SECOND);
        assertThat(asked).as("and not for every one of %s probes", probed).isBetween(10, probed - 5);
    }
}
