package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Backoff;
import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Failure.Kind;
import io.everwire.RetryClass;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The pure rule of delays, at its edges. */
class DelaysTest {
    private static final double ALMOST_ONE = Math.nextDown(1.0);
    private static final Failure BUSY = Failure.of(Kind.REFUSED, "refused");

    private static Delays with(Backoff backoff, double random) {
        return new Delays(backoff, () -> random);
    }

    @Test
    void fullJitterGrowsToItsCapAndNeverOverflows() {
        Delays most = with(Backoff.AUTO, ALMOST_ONE);
        Delays least = with(Backoff.AUTO, 0);
        for (int failures = 0; failures < 1_000; failures++) {
            long ceiling = failures > 6 ? Delays.CAP : (250 * Nanos.MILLI) << failures;
            assertThat(most.afterFailure(RetryClass.BUSY, BUSY, failures, 0)).isBetween(ceiling - 10_000, ceiling);
            assertThat(least.afterFailure(RetryClass.BUSY, BUSY, failures, 0)).isEqualTo(Delays.FLOOR);
        }
        assertThat(most.afterFailure(RetryClass.BUSY, BUSY, Integer.MAX_VALUE, 0))
                .isLessThanOrEqualTo(Delays.CAP);
    }

    @Test
    void aGapIsJitteredAtItsCapAndNeverPastIt() {
        assertThat(with(Backoff.AUTO, ALMOST_ONE).gap(Long.MAX_VALUE / 4)).isLessThanOrEqualTo(Delays.CAP);
        assertThat(with(Backoff.AUTO, 0).gap(Long.MAX_VALUE / 4)).isEqualTo(20 * Nanos.SECOND);
        assertThat(with(Backoff.AUTO, 0).gap(0)).isEqualTo(80 * Nanos.MILLI);
    }

    @Test
    void retryAfterIsAFloorUpToAnHour() {
        Failure far = Failure.ofHttpStatus(503, "HTTP 503", Duration.ofDays(100_000));
        assertThat(with(Backoff.AUTO, 0).afterFailure(RetryClass.BUSY, far, 0, 0))
                .isEqualTo(Delays.LONGEST_RETRY_AFTER);
        Failure past = Failure.ofHttpStatus(503, "HTTP 503", Duration.ofSeconds(-5));
        assertThat(with(Backoff.AUTO, 0).afterFailure(RetryClass.BUSY, past, 0, 0))
                .isEqualTo(Delays.FLOOR);
    }

    @Test
    void aFixedDelayIsFixedUnlessTheServerNamesALongerOne() {
        Delays fixed = with(Backoff.fixed(Duration.ofSeconds(5)), 0.7);
        Failure named = Failure.ofHttpStatus(503, "HTTP 503", Duration.ofSeconds(9));
        Failure restart = Failure.ofClose(Kind.CLOSED_BY_PEER, new CloseStatus(1012, ""), "restart");
        assertThat(fixed.afterFailure(RetryClass.NETWORK, BUSY, 9, 0)).isEqualTo(5 * Nanos.SECOND);
        assertThat(fixed.afterLoss(RetryClass.BUSY, restart, 0)).isEqualTo(5 * Nanos.SECOND);
        assertThat(fixed.afterFailure(RetryClass.BUSY, named, 0, 0)).isGreaterThanOrEqualTo(9 * Nanos.SECOND);
        assertThat(fixed.isProportional(RetryClass.NETWORK)).isFalse();
    }
}
