package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport.Health;
import io.everwire.session.Liveness.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The rules of liveness, by their numbers in the design. */
class LivenessTest {
    private static final LivenessPolicy SILENT = LivenessPolicy.DEFAULT
            .withPing(Duration.ofSeconds(5), Duration.ofSeconds(2))
            .withPingJitter(0);
    private static final long START = -1;
    private static final int NONCE_SEED = -3;
    private static final long NONCE_BASE = (long) NONCE_SEED << 32;

    private long now = START;
    private Liveness engine = make(SILENT);

    private Liveness make(LivenessPolicy policy) {
        now = START;
        return new Liveness(policy, Duration.ofSeconds(30), () -> 0.5, NONCE_SEED, START);
    }

    private List<Action> drain() {
        List<Action> actions = new ArrayList<>();
        for (Action action = engine.pollAction(); action != Action.NONE; action = engine.pollAction()) {
            actions.add(action);
            if (action == Action.SEND_PING) {
                engine.handlePingFlushed(engine.pingNonce(), now);
            }
        }
        return actions;
    }

    private List<Action> deadline() {
        return deadline(0);
    }

    private List<Action> deadline(long lateNanos) {
        now = Math.max(now, engine.deadlineNanos()) + lateNanos;
        engine.handleDeadline(now);
        return drain();
    }

    private void passTo(Duration sinceStart) {
        now = START + sinceStart.toNanos();
    }

    /** Lets time pass in silence; returns everything that was said. */
    private List<Action> silence() {
        List<Action> all = new ArrayList<>();
        while (engine.deadlineNanos() != Liveness.NO_DEADLINE) {
            List<Action> actions = deadline();
            all.addAll(actions);
            if (actions.contains(Action.DRAIN)) {
                engine.handleDrained(now);
                all.addAll(drain());
            }
        }
        return all;
    }

    @Nested
    class Rule1Bytes {
        @Test
        void anyByteExtendsLife() {
            deadline();
            passTo(Duration.ofSeconds(6));
            engine.handleBytes(now);
            assertThat(engine.deadlineNanos() - now).isBetween(4_900_000_000L, 5_000_000_000L);
        }

        @Test
        void ourOwnWritesDoNot() {
            long before = engine.deadlineNanos();
            engine.handleMessageWritten(false, now);
            engine.handleWriteProgress(true, now + 1);
            assertThat(engine.deadlineNanos()).isEqualTo(before);
        }
    }

    @Nested
    class Rule2Pings {
        @Test
        void aSilentPeerIsPingedOnce() {
            assertThat(deadline()).containsExactly(Action.SEND_PING);
            assertThat(engine.pingNonce()).isEqualTo(NONCE_BASE + 1);
            assertThat(engine.pingSentNanos()).isEqualTo(now);
        }

        @Test
        void aTalkativePeerIsPingedOncePerValidity() {
            int pings = 0;
            for (int second = 1; second < 60; second++) {
                passTo(Duration.ofSeconds(second));
                engine.handleBytes(now);
                engine.handleDeadline(now);
                pings += drain().size();
            }
            assertThat(pings).isEqualTo(1);
        }

        @Test
        void alwaysPingsInTrafficToo() {
            engine = make(LivenessPolicy.ARTICLE_SERVER);
            int pings = 0;
            for (int tenth = 1; tenth <= 1_000; tenth++) {
                passTo(Duration.ofMillis(100L * tenth));
                engine.handleBytes(now);
                engine.handleDeadline(now);
                pings += drain().size();
            }
            assertThat(pings).isBetween(20, 21);
        }

        @Test
        void aStaleOrUnsolicitedPongSatisfiesNothingAndALaterOneAnswersEarlierPings() {
            engine = make(LivenessPolicy.ARTICLE_SERVER);
            deadline();
            engine.handleBytes(now);
            deadline();
            engine.handlePong(NONCE_BASE, now, now);
            engine.handlePong(NONCE_BASE + 3, now, now);
            assertThat(engine.report(now).pingsAnswered()).isZero();
            engine.handlePong(NONCE_BASE + 2, now, now);
            assertThat(engine.report(now).pingsAnswered()).isEqualTo(2);
            engine.handlePong(NONCE_BASE + 1, now, now);
            assertThat(engine.report(now).pingsAnswered()).isEqualTo(2);
        }

        @Test
        void anIntervalIsShortenedAnewByEachPing() {
            List<Double> draws = new ArrayList<>(List.of(0.0, 1.0, 0.0, 0.0));
            engine = new Liveness(SILENT.withPingJitter(0.2), Duration.ofSeconds(30), () -> draws.remove(0), 0, START);
            assertThat(engine.deadlineNanos() - START).isEqualTo(4_950_000_000L);
            deadline();
            engine.handleBytes(now);
            assertThat(engine.deadlineNanos() - now).isEqualTo(4_000_000_000L);
        }
    }

    @Nested
    class Rule3TheBound {
        @Test
        void aSilentPeerIsDeadWithinIntervalAndTimeout() {
            assertThat(silence()).containsExactly(Action.SEND_PING, Action.SUSPECT, Action.DRAIN, Action.DEAD);
            assertThat(now - START).isLessThanOrEqualTo(7_000_000_000L);
            assertThat(engine.death().reason()).isEqualTo("ping-timeout");
            assertThat(engine.death().grace()).isFalse();
            assertThat(engine.death().message())
                    .isEqualTo("no bytes from the peer for 7.0 s (ping interval 5 s, timeout 2 s; no pong was ever"
                            + " received)");
        }

        @Test
        void withTheTickOnEveryTimerItIsStillOneTick() {
            deadline(Nanos.TICK);
            while (!deadline(Nanos.TICK).contains(Action.DRAIN)) {
                assertThat(engine.report(now).health()).isNotEqualTo(Health.DEAD);
            }
            engine.handleDrained(now);
            assertThat(drain()).containsExactly(Action.DEAD);
            assertThat(now - START).isLessThanOrEqualTo(7_050_000_000L);
        }

        @Test
        void aPingThatCannotBeFlushedIsAwaitedFromWhenItWasDueUnlessTheKernelHearsAcknowledgements() {
            now = engine.deadlineNanos();
            engine.handleDeadline(now);
            assertThat(engine.pollAction()).isEqualTo(Action.SEND_PING);
            assertThat(engine.wantsAckProgress()).isTrue();
            now += Nanos.SECOND;
            engine.handleAckProgress(now);
            engine.handleDeadline(engine.deadlineNanos());
            assertThat(engine.pollAction()).isEqualTo(Action.SUSPECT);
            assertThat(engine.deadlineNanos() - now).isEqualTo(2 * Nanos.SECOND);
        }

        @Test
        void aPassiveWatchdogNeedsNoPings() {
            engine = make(LivenessPolicy.ARTICLE_CLIENT);
            assertThat(silence()).containsExactly(Action.DRAIN, Action.DEAD);
            assertThat(now - START).isEqualTo(10 * Nanos.SECOND);
            assertThat(engine.death().reason()).isEqualTo("no-traffic");
        }

        @Test
        void aLinkOnWhichWeAreNotHeardIsDeadAfterValidity() {
            for (int tenth = 1; engine.deadlineNanos() != Liveness.NO_DEADLINE; tenth++) {
                passTo(Duration.ofMillis(100L * tenth));
                engine.handleBytes(now);
                engine.handleDeadline(now);
                if (drain().contains(Action.DRAIN)) {
                    engine.handleDrained(now);
                    drain();
                }
            }
            assertThat(now - START).isBetween(60 * Nanos.SECOND, 60 * Nanos.SECOND + 2 * Nanos.TICK);
            assertThat(engine.death().reason()).isEqualTo("no-pong");
        }

        @Test
        void theValidityClockStandsStillWhileAFrameArrives() {
            engine.handleInsideFrame(true, now);
            for (int second = 1; second <= 300; second++) {
                passTo(Duration.ofSeconds(second));
                engine.handleBytes(now);
                engine.handleDeadline(now);
                assertThat(drain()).isEmpty();
            }
        }

        @Test
        void aStuckWriteIsDeadAlthoughBytesArrive() {
            engine.handleWriteBlocked(now);
            engine.handleWriteBlocked(now + 1);
            for (int second = 1; second <= 30; second++) {
                passTo(Duration.ofSeconds(second));
                engine.handleBytes(now);
                engine.handleDeadline(now);
            }
            assertThat(drain()).contains(Action.DEAD);
            assertThat(engine.death().reason()).isEqualTo("write-timeout");
        }
    }

    @Nested
    class Rule4LocalInnocence {
        @Test
        void aLateWheelGetsOneGraceRoundAndNoMore() {
            deadline();
            deadline();
            assertThat(deadline(Nanos.SECOND)).containsExactly(Action.SEND_PING);
            long graceEnds = now + 2 * Nanos.SECOND;
            assertThat(deadline(Nanos.SECOND)).containsExactly(Action.DRAIN);
            engine.handleDrained(now);
            assertThat(drain()).containsExactly(Action.DEAD);
            assertThat(now).isEqualTo(graceEnds + Nanos.SECOND);
            assertThat(engine.death().grace()).isTrue();
        }

        @Test
        void whoReadsAllTheTimeAndIsLateForMuchWorkDoesNotStall() {
            deadline();
            deadline();
            now = engine.deadlineNanos() + Nanos.SECOND;
            engine.handleDeadline(now, 50 * Nanos.MILLI);
            assertThat(drain()).containsExactly(Action.DRAIN);
            engine.handleDrained(now);
            assertThat(drain()).containsExactly(Action.DEAD);
            assertThat(engine.death().grace()).isFalse();
        }

        @Test
        void nobodyIsJudgedWhoWasNotAskedYet() {
            engine = make(SILENT.withExpectTraffic(Duration.ofMillis(5_200)));
            passTo(Duration.ofMillis(5_500));
            engine.handleDeadline(now, 50 * Nanos.MILLI);
            assertThat(drain()).contains(Action.SEND_PING).doesNotContain(Action.DRAIN);
            engine.handleBytes(now + Nanos.SECOND);
            assertThat(drain()).doesNotContain(Action.DEAD);
        }

        @Test
        void aStuckWriteThatEndsAGraceRoundSaysSo() {
            engine.handleWriteBlocked(now);
            for (int second = 1; second <= 24; second++) {
                passTo(Duration.ofSeconds(second));
                engine.handleBytes(now);
                engine.handleDeadline(now);
            }
            assertThat(deadline()).containsExactly(Action.SEND_PING);
            engine.handleStall(200 * Nanos.MILLI, now);
            assertThat(silence()).contains(Action.DEAD);
            assertThat(engine.death().reason()).isEqualTo("write-timeout");
            assertThat(engine.death().grace()).isTrue();
        }

        @Test
        void readableBytesAreDrainedBeforeTheVerdict() {
            deadline();
            deadline();
            assertThat(deadline()).containsExactly(Action.DRAIN);
            engine.handleBytes(now);
            engine.handleDrained(now);
            assertThat(drain()).containsExactly(Action.ALIVE);
        }

        @Test
        void aLongSleepPingsAtOnce() {
            passTo(Duration.ofSeconds(1));
            engine.handleStall(60 * Nanos.SECOND, now);
            assertThat(drain()).containsExactly(Action.SEND_PING);
        }

        @Test
        void aProbePingsAtOnceAndOnce() {
            passTo(Duration.ofSeconds(1));
            engine.probe(now);
            engine.probe(now);
            assertThat(drain()).containsExactly(Action.SEND_PING);
        }

        @Test
        void aShortPauseBetweenPingsIsNobodysBusiness() {
            passTo(Duration.ofSeconds(1));
            engine.handleStall(Nanos.SECOND, now);
            assertThat(drain()).isEmpty();
        }
    }

    @Nested
    class Rule5SuspendedReading {
        @Test
        void verdictsAreOffButPingsGoOn() {
            engine.handleReadSuspended(now);
            for (int i = 0; i < 50; i++) {
                assertThat(deadline()).containsExactly(Action.SEND_PING);
            }
            engine.handleReadResumed(now);
            long resumed = now;
            assertThat(silence()).endsWith(Action.DRAIN, Action.DEAD);
            assertThat(now - resumed).isBetween(6 * Nanos.SECOND, 7 * Nanos.SECOND);
        }
    }

    @Nested
    class Rule6Suspect {
        @Test
        void theFirstPingIsOverdueAfterHalfItsTimeout() {
            deadline();
            long sent = now;
            assertThat(deadline()).containsExactly(Action.SUSPECT);
            assertThat(now - sent).isEqualTo(Nanos.SECOND);
            engine.handleBytes(now);
            assertThat(drain()).containsExactly(Action.ALIVE);
        }

        @Test
        void laterOnesAfterRoundTripAndFourDeviations() {
            deadline();
            now += 100 * Nanos.MILLI;
            engine.handlePong(engine.pingNonce(), engine.pingSentNanos(), now);
            assertThat(engine.report(now).smoothedRoundTrip()).isEqualTo(Duration.ofMillis(100));
            deadline();
            long sent = now;
            assertThat(deadline()).containsExactly(Action.SUSPECT);
            assertThat(now - sent).isEqualTo(300 * Nanos.MILLI);
        }
    }

    @Nested
    class Rule8PingFloods {
        private final ControlFrameBudget budget = new ControlFrameBudget(START);

        private boolean floods(int perSecond, int seconds) {
            boolean isFlood = false;
            for (int i = 0; i < perSecond * seconds; i++) {
                isFlood |= budget.handleControlFrame(START + i * Nanos.SECOND / perSecond);
            }
            return isFlood;
        }

        @Test
        void oneHundredASecondIsAllowedForEver() {
            assertThat(floods(100, 600)).isFalse();
        }

        @Test
        void moreForTenSecondsIsAFlood() {
            assertThat(floods(102, 10)).isTrue();
        }

        @Test
        void moreForFiveSecondsIsNone() {
            assertThat(floods(199, 5)).isFalse();
        }
    }

    @Nested
    class Rule9Confirmations {
        @Test
        void aPingFollowsTheFirstUnconfirmedMessageAfter200Milliseconds() {
            assertThat(engine.handleMessageWritten(true, now)).isEqualTo(1);
            assertThat(engine.handleMessageWritten(true, now)).isEqualTo(2);
            assertThat(deadline()).containsExactly(Action.SEND_PING);
            assertThat(now - START).isEqualTo(200 * Nanos.MILLI);
            assertThat(engine.handleMessageWritten(true, now)).isEqualTo(3);
            assertThat(engine.deadlineNanos() - now).isGreaterThan(200 * Nanos.MILLI);
            engine.handlePong(engine.pingNonce(), engine.pingSentNanos(), now + 1);
            assertThat(engine.confirmedMessages()).isEqualTo(2);
            assertThat(deadline()).containsExactly(Action.SEND_PING);
            engine.handlePong(engine.pingNonce(), engine.pingSentNanos(), now);
            assertThat(engine.confirmedMessages()).isEqualTo(3);
            assertThat(engine.writtenMessages()).isEqualTo(3);
        }
    }
}
