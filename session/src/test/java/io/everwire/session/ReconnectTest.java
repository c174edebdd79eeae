package io.everwire.session;

import static io.everwire.session.ReconnectDriver.delay;
import static io.everwire.session.ReconnectDriver.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Failure.Kind;
import io.everwire.ReconnectPolicy;
import io.everwire.RetryClass;
import io.everwire.SessionEvent;
import io.everwire.SessionState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of reconnection, by their numbers in the design. */
class ReconnectTest {
    private static final Failure DEAD = Failure.of(Kind.PEER_DEAD, "no bytes from the peer for 7.0 s");
    private static final Failure RESET = Failure.of(Kind.CONNECTION_LOST, "reset");
    private static final Failure NO_ROUTE = Failure.of(Kind.NO_ROUTE, "no route");
    private static final Failure REFUSED = Failure.of(Kind.REFUSED, "refused");

    private final ReconnectDriver driver = new ReconnectDriver(ReconnectPolicy.DEFAULT, 7);
    private final Reconnect engine = driver.engine;

    private static Failure http(int status) {
        return Failure.ofHttpStatus(status, "HTTP " + status, null);
    }

    private static Failure closed(int code) {
        return Failure.ofClose(Kind.CLOSED_BY_PEER, new CloseStatus(code, ""), "closed with " + code);
    }

    /** Open for so long that everything is forgotten. */
    private void openAndStable() {
        driver.open();
        driver.pass(Duration.ofMinutes(10));
        driver.outputs.clear();
    }

    @Nested
    class Rule1OneDeadlineAnAttempt {
        @Test
        void coversTheSupplier() {
            engine.start(driver.now);
            long start = driver.now;
            driver.drain();
            List<ReconnectOutput> outputs = driver.deadline();
            assertThat(driver.now - start).isEqualTo(5 * Nanos.SECOND);
            assertThat(only(outputs, ReconnectOutput.Tell.class).event())
                    .isInstanceOfSatisfying(
                            SessionEvent.Waiting.class,
                            waiting -> assertThat(waiting.failure().kind()).isEqualTo(Kind.CREDENTIALS));
        }

        @ParameterizedTest
        @CsvSource({"TUNNEL, PROXY, tunnel", "TLS, UPGRADE_TIMEOUT, TLS handshake", "REQUEST, UPGRADE_TIMEOUT, upgrade"
        })
        void saysWhichStepOfTheUpgradeWasLate(UpgradeStep step, Kind kind, String word) {
            engine.start(driver.now);
            driver.drain();
            driver.request();
            driver.connect(1);
            engine.handleUpgradeStep(1, step);
            Failure late =
                    only(driver.deadline(), ReconnectOutput.Tell.class).event() instanceof SessionEvent.Waiting waiting
                            ? waiting.failure()
                            : RESET;

            assertThat(late.kind()).isEqualTo(kind);
            assertThat(late.message()).contains(word, "within the attempt's 5 s");
        }

        @Test
        void isSharedByTheSupplierTheProbeAndTheUpgrade() {
            engine.start(driver.now);
            long start = driver.now;
            driver.drain();
            driver.now += 2 * Nanos.SECOND;
            driver.request();
            driver.now += 2 * Nanos.SECOND;
            driver.connect(1);
            assertThat(engine.deadlineNanos() - start).isEqualTo(5 * Nanos.SECOND);
            assertThat(driver.deadline()).contains(new ReconnectOutput.Cancel(1));
            assertThat(engine.state()).isEqualTo(SessionState.WAITING);
        }

        @Test
        void onReadyHasOneOfItsOwn() {
            engine.start(driver.now);
            driver.drain();
            driver.request();
            driver.connect(1);
            driver.upgrade(1);
            assertThat(engine.deadlineNanos() - driver.now).isEqualTo(10 * Nanos.SECOND);
            List<ReconnectOutput> outputs = driver.deadline();
            Failure late = only(outputs, ReconnectOutput.Drop.class).failure();
            assertThat(late.kind()).isEqualTo(Kind.READY_TIMEOUT);
            // Until the driver answers with the loss, it is asked again.
            assertThat(driver.deadline()).containsExactly(new ReconnectOutput.Drop(1, late));
            driver.lose(late);
            assertThat(engine.state()).isEqualTo(SessionState.WAITING);
        }
    }

    @Nested
    class Rule3TheSupplier {
        @Test
        void isCalledBeforeTheFirstProbeAndAgainAfterAFailedUpgradeButNotForEveryProbe() {
            openAndStable();
            driver.lose(DEAD);
            assertThat(only(driver.deadline(), ReconnectOutput.Request.class)
                            .attempt()
                            .lastFailure())
                    .isEqualTo(DEAD);
            driver.request();
            driver.pass(Duration.ofSeconds(3));
            assertThat(driver.outputs.stream().filter(ReconnectOutput.Request.class::isInstance))
                    .hasSize(1);
            driver.refuse(http(503));
            only(driver.deadline(), ReconnectOutput.Request.class);
        }
    }

    @Nested
    class Rule5TheRace {
        @Test
        void keepsFourProbesInFlightAndDropsTheSecondOldest() {
            openAndStable();
            driver.lose(DEAD);
            driver.deadline();
            long first = only(driver.request(), ReconnectOutput.Probe.class).probe();
            for (int i = 1; i < 4; i++) {
                driver.deadline();
            }
            assertThat(driver.deadline())
                    .containsExactly(new ReconnectOutput.Cancel(first + 1), new ReconnectOutput.Probe(first + 4, 0));
        }

        @Test
        void theFirstToConnectGoesOnAndTheOthersAreClosed() {
            openAndStable();
            driver.lose(DEAD);
            driver.deadline();
            long first = only(driver.request(), ReconnectOutput.Probe.class).probe();
            driver.deadline();
            driver.deadline();
            assertThat(driver.connect(first + 1))
                    .containsExactly(
                            new ReconnectOutput.Cancel(first),
                            new ReconnectOutput.Cancel(first + 2),
                            new ReconnectOutput.Upgrade(first + 1));
            driver.pass(Duration.ofSeconds(4));
            assertThat(driver.connect(first)).isEmpty();
            assertThat(engine.state()).isEqualTo(SessionState.CONNECTING);
        }

        @Test
        void startsEachProbeTwoPercentOfTheAgeAfterTheLast() {
            openAndStable();
            driver.lose(DEAD);
            long lost = driver.now;
            driver.deadline();
            driver.request();
            long last = driver.now;
            for (int i = 0; i < 200; i++) {
                while (driver.deadline().stream().noneMatch(ReconnectOutput.Probe.class::isInstance)) {
                    assertThat(engine.state()).isNotEqualTo(SessionState.WAITING);
                }
                double gap = Math.max(100e6, (last - lost) / 50.0);
                assertThat((double) driver.now - last).isBetween(0.79 * gap, 1.21 * gap);
                last = driver.now;
            }
        }

        @Test
        void endsWhenTheHostRefuses() {
            openAndStable();
            driver.lose(DEAD);
            driver.deadline();
            long first = only(driver.request(), ReconnectOutput.Probe.class).probe();
            driver.deadline();
            engine.handleProbeFailed(first + 1, REFUSED, driver.now);
            assertThat(driver.drain()).contains(new ReconnectOutput.Cancel(first));
            assertThat(engine.state()).isEqualTo(SessionState.WAITING);
        }

        @Test
        void waitsBetweenProbesThatFailAtOnce() {
            openAndStable();
            driver.lose(DEAD);
            driver.deadline();
            long probe = only(driver.request(), ReconnectOutput.Probe.class).probe();
            engine.handleProbeFailed(probe, NO_ROUTE, driver.now);
            assertThat(delay(driver.drain())).isBetween(Duration.ofMillis(80), Duration.ofMillis(120));
        }
    }

    @Nested
    class Rule5Delays {
        @Test
        void theFirstAttemptAfterALossStartsAfter50To250Milliseconds() {
            for (Failure failure : List.of(DEAD, RESET, closed(1001), closed(4711))) {
                openAndStable();
                assertThat(delay(driver.lose(failure))).isBetween(Duration.ofMillis(50), Duration.ofMillis(250));
            }
        }

        @Test
        void aServerThatLeavesASecondUpgradeUnansweredIsLeftAloneInProportion() {
            openAndStable();
            driver.lose(RESET);
            Failure late = Failure.of(Kind.UPGRADE_TIMEOUT, "the upgrade was not answered");
            assertThat(delay(driver.refuse(late))).as("the network may be gone").isLessThan(Duration.ofMillis(125));
            Duration longest = Duration.ZERO;
            for (int i = 0; i < 30; i++) {
                Duration delay = delay(driver.refuse(late));
                longest = delay.compareTo(longest) > 0 ? delay : longest;
            }
            assertThat(longest).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
            driver.refuse(Failure.of(Kind.NO_ROUTE, "no route"));
            assertThat(delay(driver.refuse(late))).as("the network was gone").isLessThan(Duration.ofSeconds(15));
        }

        @Test
        void refusalsDoNotCountAgainstWhoListensAfterThem() {
            openAndStable();
            driver.lose(RESET);
            for (long end = driver.now + 60 * Nanos.SECOND; driver.now < end; driver.now = engine.deadlineNanos()) {
                driver.deadline();
                engine.handleRequest(driver.now);
                for (ReconnectOutput output : driver.drain()) {
                    if (output instanceof ReconnectOutput.Probe probe) {
                        engine.handleProbeFailed(probe.probe(), REFUSED, driver.now);
                    }
                }
                driver.drain();
            }
            assertThat(driver.probes()).as("refused").isGreaterThan(10);
            assertThat(delay(driver.refuse(http(503)))).isBetween(Duration.ofMillis(50), Duration.ofMillis(250));
        }

        @Test
        void aRestartingServerIsLeftAloneForHalfASecondToFive() {
            openAndStable();
            assertThat(delay(driver.lose(closed(1012)))).isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
        }

        @Test
        void anOverloadedServerMeansTheNextAddressAndThenAWait() {
            openAndStable();
            assertThat(delay(driver.lose(closed(1013)))).isBetween(Duration.ofMillis(50), Duration.ofMillis(250));
            driver.open();
            driver.outputs.clear();
            assertThat(delay(driver.lose(closed(1013)))).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(30));
            driver.open();
            assertThat(only(driver.outputs, ReconnectOutput.Probe.class).rotation())
                    .isEqualTo(2);
        }

        @Test
        void aTimeThatTheServerNamesIsAFloorThatANetworkChangeRespects() {
            openAndStable();
            driver.lose(RESET);
            Failure busy = Failure.ofHttpStatus(503, "HTTP 503", Duration.ofSeconds(20));
            assertThat(delay(driver.refuse(busy))).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(25));
            engine.handleNetworkChange(driver.now);
            assertThat(engine.state()).isEqualTo(SessionState.WAITING);
            engine.reconnectNow(driver.now);
            assertThat(engine.state()).isEqualTo(SessionState.CONNECTING);
        }
    }

    @Nested
    class Rule6Forgetting {
        @Test
        void aConnectionThatClosesAtOnceIsAFailureAndTheDelayGrows() {
            driver.open();
            Duration longest = Duration.ZERO;
            for (int i = 0; i < 30; i++) {
                Duration delay = delay(driver.lose(RESET));
                longest = delay.compareTo(longest) > 0 ? delay : longest;
                driver.open();
            }
            assertThat(longest).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
        }

        @Test
        void onReadyThatFailsIsAFailureToo() {
            engine.start(driver.now);
            Duration longest = Duration.ZERO;
            for (int i = 0; i < 30; i++) {
                driver.prepare();
                Failure failure = Failure.of(Kind.READY, "login failed");
                engine.handleReadyFailed(engine.epoch(), failure, driver.now);
                assertThat(driver.drain()).containsExactly(new ReconnectOutput.Drop(engine.epoch(), failure));
                Duration delay = delay(driver.lose(failure));
                longest = delay.compareTo(longest) > 0 ? delay : longest;
            }
            assertThat(longest).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
        }

        @Test
        void aStableConnectionMakesTheSessionForget() {
            driver.open();
            for (int i = 0; i < 10; i++) {
                driver.lose(RESET);
                driver.open();
            }
            driver.pass(Duration.ofSeconds(31));
            assertThat(delay(driver.lose(RESET))).isBetween(Duration.ofMillis(50), Duration.ofMillis(250));
        }

        @Test
        void noCommandGoesRoundTheBudget() {
            ReconnectDriver tight = new ReconnectDriver(ReconnectPolicy.DEFAULT.withBudgets(1_000, 10), 7);
            tight.open();
            tight.lose(RESET);
            tight.outputs.clear();
            for (int i = 0; i < 60_000; i++) {
                tight.now += Nanos.MILLI;
                tight.engine.reconnectNow(tight.now);
                tight.engine.handleNetworkChange(tight.now);
                tight.engine.handleDeadline(tight.now);
                for (ReconnectOutput output : tight.drain()) {
                    if (output instanceof ReconnectOutput.Request) {
                        tight.engine.handleRequest(tight.now);
                    } else if (output instanceof ReconnectOutput.Probe probe) {
                        tight.engine.handleProbeFailed(probe.probe(), REFUSED, tight.now);
                    }
                }
            }
            assertThat(tight.probes()).isBetween(10L, 19L);
        }
    }

    @Nested
    class Rule7HopelessAndTransient {
        @Test
        void certificatesAnd404AreTheEndBeforeTheFirstSuccess() {
            engine.start(driver.now);
            List<ReconnectOutput> outputs = driver.refuse(http(404));
            assertThat(only(outputs, ReconnectOutput.Tell.class).event())
                    .isInstanceOfSatisfying(
                            SessionEvent.Closed.class,
                            closed -> assertThat(closed.cause()).isEqualTo(http(404)));
            assertThat(engine.deadlineNanos()).isEqualTo(Reconnect.NO_DEADLINE);
        }

        @Test
        void andAreRetriedSlowlyAfterIt() {
            openAndStable();
            driver.lose(RESET);
            assertThat(delay(driver.refuse(http(404)))).isBetween(Duration.ofMillis(50), Duration.ofSeconds(5));
        }

        @Test
        void refusedCredentialsAreRefreshedOnceAndTheAllowanceIsRestoredByStability() {
            for (int i = 0; i < 3; i++) {
                openAndStable();
                driver.lose(closed(1008));
                assertThat(only(driver.deadline(), ReconnectOutput.Request.class)
                                .attempt()
                                .forceRefresh())
                        .isTrue();
                driver.request();
                driver.connect(only(driver.outputs, ReconnectOutput.Probe.class).probe());
                driver.upgrade(
                        only(driver.outputs, ReconnectOutput.Upgrade.class).probe());
                driver.ready();
            }
            driver.lose(closed(1008));
            assertThat(engine.state()).isEqualTo(SessionState.CLOSED);
        }

        @Test
        void aPolicyThatThrowsIsReplacedByTheDefault() {
            ReconnectDriver broken = new ReconnectDriver(
                    ReconnectPolicy.DEFAULT.withFailurePolicy((failure, hasSucceeded) -> {
                        throw new IllegalStateException("a mistake");
                    }),
                    7);
            broken.open();
            broken.lose(RESET);
            assertThat(broken.engine.state()).isEqualTo(SessionState.WAITING);
        }

        @Test
        void aPolicyMayRetryWhatTheDefaultEnds() {
            ReconnectDriver stubborn = new ReconnectDriver(
                    ReconnectPolicy.DEFAULT.withFailurePolicy((failure, hasSucceeded) -> RetryClass.BUSY), 7);
            stubborn.open();
            stubborn.lose(closed(1000));
            assertThat(stubborn.engine.state()).isEqualTo(SessionState.WAITING);
        }

        @Test
        void aSessionThatMustNotComeBackEndsWithItsFirstLoss() {
            ReconnectDriver once = new ReconnectDriver(ReconnectPolicy.never(), 7);
            once.open();
            once.lose(RESET);
            assertThat(once.engine.state()).isEqualTo(SessionState.CLOSED);
        }
    }

    @Nested
    class Rule8NetworkChanges {
        @Test
        void startAnAttemptAtOnce() {
            openAndStable();
            driver.lose(RESET);
            engine.handleNetworkChange(driver.now);
            only(driver.drain(), ReconnectOutput.Request.class);
        }
    }

    @Nested
    class Rule10Events {
        @Test
        void areToldOnceInOrderWithTheirEpoch() {
            driver.open();
            driver.pass(Duration.ofSeconds(10));
            driver.lose(RESET);
            driver.open();
            engine.close(CloseStatus.NORMAL, driver.now);
            engine.close(CloseStatus.NORMAL, driver.now);
            driver.drain();
            engine.handleLost(2, RESET, CloseStatus.NORMAL, true, 0, 0, driver.now);
            driver.drain();
            assertThat(driver.events().stream().map(event -> event.getClass().getSimpleName() + " " + event.epoch()))
                    .containsExactly(
                            "Connecting 0",
                            "Open 1",
                            "Ready 1",
                            "Lost 1",
                            "Waiting 1",
                            "Connecting 1",
                            "Open 2",
                            "Ready 2",
                            "Reconnected 2",
                            "Closed 2");
        }

        @Test
        void theGapIsThatOfTheLostConnectionAndThenOfAllThatWereNotReady() {
            openAndStable();
            engine.handleLost(1, DEAD, CloseStatus.NORMAL, false, 7 * Nanos.SECOND, 5, driver.now);
            driver.drain();
            driver.prepare();
            Failure failure = Failure.of(Kind.READY, "login failed");
            engine.handleReadyFailed(2, failure, driver.now);
            driver.drain();
            engine.handleLost(2, failure, CloseStatus.NORMAL, false, Nanos.SECOND, 2, driver.now);
            driver.open();

            assertThat(driver.events())
                    .contains(
                            new SessionEvent.Lost(1, DEAD, new SessionEvent.Gap(1, Duration.ofSeconds(7), 5)),
                            new SessionEvent.Lost(2, failure, new SessionEvent.Gap(2, Duration.ofSeconds(1), 2)))
                    .last()
                    .isInstanceOfSatisfying(SessionEvent.Reconnected.class, back -> {
                        assertThat(back.gap()).isEqualTo(new SessionEvent.Gap(1, Duration.ofSeconds(7), 7));
                        assertThat(back.outage()).isPositive();
                    });
        }

        @Test
        void aCloseThatIsNotAnsweredEndsAtItsDeadline() {
            openAndStable();
            engine.close(CloseStatus.NORMAL, driver.now);
            assertThat(driver.drain()).containsExactly(new ReconnectOutput.CloseConnection(1, CloseStatus.NORMAL));
            assertThat(engine.deadlineNanos() - driver.now).isEqualTo(2 * Nanos.SECOND);
            assertThat(driver.deadline()).hasAtLeastOneElementOfType(ReconnectOutput.Drop.class);
            assertThat(engine.state()).isEqualTo(SessionState.CLOSED);
        }
    }
}
