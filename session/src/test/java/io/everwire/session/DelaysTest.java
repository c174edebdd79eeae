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
    void aRefusalIsMetInProportionToTheOutagesAge() {
        Delays most = with(Backoff.AUTO, ALMOST_ONE);
        Delays least = with(Backoff.AUTO, 0);
        assertThat(least.afterRefusal(0)).isEqualTo(125 * Nanos.MILLI);
        assertThat(most.afterRefusal(0)).isBetween(374 * Nanos.MILLI, 375 * Nanos.MILLI);
        assertThat(least.afterRefusal(8 * Nanos.SECOND)).isEqualTo(Nanos.SECOND);
        assertThat(most.afterRefusal(8 * Nanos.SECOND)).isBetween(2_999 * Nanos.MILLI, 3 * Nanos.SECOND);
        assertThat(most.afterRefusal(Long.MAX_VALUE / 4)).isLessThanOrEqualTo(Delays.CAP);
        assertThat(least.afterRefusal(Long.MAX_VALUE / 4)).isEqualTo(10 * Nanos.SECOND);
        assertThat(most.isRefusal(RetryClass.BUSY, BUSY)).isTrue();
        assertThat(most.isRefusal(RetryClass.SLOW, BUSY)).as("judged otherwise").isFalse();
        assertThat(most.isRefusal(RetryClass.BUSY, Failure.ofHttpStatus(503, "HTTP 503", null)))
                .isFalse();
        assertThat(with(Backoff.FLEET, 0).isRefusal(RetryClass.BUSY, BUSY)).isFalse();
        assertThat(with(Backoff.fixed(Duration.ofSeconds(5)), 0).isRefusal(RetryClass.BUSY, BUSY))
                .isFalse();
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

    /** A backoff drawn beside it would be longer as often as not, and the server's queue would be for nothing. */
    @Test
    void aSlotIsKeptHoweverOftenItFailedBefore() {
        Failure slot = Failure.ofSlot(503, "HTTP 503", Duration.ofMillis(1_234));
        for (int failures = 0; failures < 20; failures++) {
            for (double random : new double[] {0, 0.5, ALMOST_ONE}) {
                assertThat(with(Backoff.AUTO, random).afterFailure(RetryClass.BUSY, slot, failures, 0))
                        .isBetween(1_234 * Nanos.MILLI, 1_284 * Nanos.MILLI);
                assertThat(with(Backoff.FLEET, random).afterFailure(RetryClass.BUSY, slot, failures, 0))
                        .isBetween(1_234 * Nanos.MILLI, 1_284 * Nanos.MILLI);
            }
        }
        Failure atOnce = Failure.ofSlot(503, "HTTP 503", Duration.ZERO);
        assertThat(with(Backoff.AUTO, 0).afterFailure(RetryClass.BUSY, atOnce, 0, 0))
                .isEqualTo(Delays.FLOOR);
        assertThat(with(Backoff.fixed(Duration.ofSeconds(5)), 0).afterFailure(RetryClass.BUSY, slot, 0, 0))
                .as("who asks for a fixed delay gets it")
                .isEqualTo(5 * Nanos.SECOND);
    }

    @Test
    void aCloseThatNamesAWaitIsHeeded() {
        Failure later = Failure.ofClose(
                Kind.CLOSED_BY_PEER, CloseStatus.tryAgainLater(Duration.ofMillis(7_500)), "try again later");
        assertThat(later.retryAfter()).isEqualTo(Duration.ofMillis(7_500));
        assertThat(with(Backoff.AUTO, 0).afterLoss(RetryClass.BUSY, later, 0)).isEqualTo(7_500 * Nanos.MILLI);
        assertThat(with(Backoff.AUTO, ALMOST_ONE).afterLoss(RetryClass.BUSY, later, 0))
                .isLessThanOrEqualTo(7_500 * Nanos.MILLI * 5 / 4);
        assertThat(Outage.isTryLater(later)).as("the same address is asked").isFalse();
        CloseStatus spoken = new CloseStatus(1013, "too busy; retry-after-ms=20");
        assertThat(Failure.ofClose(Kind.CLOSED_BY_PEER, spoken, "").retryAfter())
                .isEqualTo(Duration.ofMillis(20));
        for (String reason : new String[] {
            "", "retry-after-ms=", "retry-after-ms=x", "xretry-after-ms=1", "retry-after-ms=12345678901"
        }) {
            assertThat(new CloseStatus(1013, reason).retryAfter()).as(reason).isNull();
        }
        assertThat(new CloseStatus(1000, "retry-after-ms=20").retryAfter()).isNull();
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
