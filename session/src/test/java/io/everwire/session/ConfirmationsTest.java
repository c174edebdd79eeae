package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.LivenessPolicy;
import io.everwire.PingWhen;
import io.everwire.session.Liveness.Action;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What confirmations cost, and how soon they come, from a plain peer that answers each ping after one round trip. */
class ConfirmationsTest {
    private static final LivenessPolicy CALM = LivenessPolicy.DEFAULT.withPingJitter(0);
    private static final long MINUTE = 60 * Nanos.SECOND;

    private static LivenessPolicy pinging(PingWhen when, int millis) {
        return CALM.withPing(Duration.ofMillis(millis), Duration.ofSeconds(10)).withPingWhen(when);
    }

    /** A connection in virtual time: messages are written in even steps, pings come back after a round trip. */
    private static final class Line {
        private final long roundTrip;
        private final Liveness engine;
        private final List<Long> pingNanos = new ArrayList<>();
        private final List<Long> writtenBefore = new ArrayList<>();
        private final List<Long> writtenNanos = new ArrayList<>();
        private final ArrayDeque<long[]> pongs = new ArrayDeque<>();
        private long longestWait;
        private long leastProven = Long.MAX_VALUE;
        private long now = -MINUTE / 2;

        Line(LivenessPolicy policy, long roundTrip) {
            this.roundTrip = roundTrip;
            engine = new Liveness(policy, Duration.ofSeconds(30), () -> 0.5, 0, now);
        }

        /** Lets time pass; a message every so often, 0 for none. */
        Line run(long duration, long every, boolean wantsConfirmation) {
            long end = now + duration;
            long nextWrite = every == 0 ? Engine.NO_DEADLINE : now + every;
            while (true) {
                long[] pong = pongs.peekFirst();
                long next = Nanos.earlier(engine.deadlineNanos(), nextWrite);
                next = pong == null ? next : Nanos.earlier(next, pong[1]);
                if (next - end > 0) {
                    now = end;
                    return this;
                }
                now = Nanos.later(now, next);
                if (pong != null && Nanos.isDue(pong[1], now)) {
                    pongs.removeFirst();
                    answer(pong[0]);
                } else if (Nanos.isDue(nextWrite, now)) {
                    writtenNanos.add(now);
                    engine.handleMessageWritten(wantsConfirmation, now);
                    nextWrite += every;
                } else {
                    engine.handleDeadline(now);
                }
                drain();
            }
        }

        private void answer(long ping) {
            long before = engine.confirmedMessages();
            engine.handlePong(ping, now - roundTrip, now);
            long confirmed = engine.confirmedMessages();
            long proven = writtenBefore.get((int) ping - 1);
            assertThat(confirmed).as("a pong proves %d", proven).isLessThanOrEqualTo(proven);
            leastProven = Math.min(leastProven, confirmed - proven);
            for (long message = before; message < confirmed; message++) {
                longestWait = Math.max(longestWait, now - writtenNanos.get((int) message));
            }
        }

        private void drain() {
            for (Action action = engine.pollAction(); action != Action.NONE; action = engine.pollAction()) {
                assertThat(action).isNotEqualTo(Action.DEAD);
                if (action == Action.SEND_PING) {
                    engine.handlePingFlushed(engine.pingNonce(), now);
                    pingNanos.add(now);
                    writtenBefore.add(engine.writtenMessages());
                    pongs.addLast(new long[] {engine.pingNonce(), now + roundTrip});
                }
            }
        }

        long pings() {
            return pingNanos.size();
        }
    }

    @ParameterizedTest
    @EnumSource
    void costNoPingOfTheirOwnWhilePongsFlow(PingWhen when) {
        LivenessPolicy policy = pinging(when, 200);
        Line without = new Line(policy, 40 * Nanos.MILLI).run(MINUTE, 0, true);
        Line with = new Line(policy, 40 * Nanos.MILLI).run(MINUTE, 30 * Nanos.MILLI, true);

        assertThat(with.pingNanos).hasSizeGreaterThan(200).isEqualTo(without.pingNanos);
        assertThat(with.engine.confirmedMessages()).isGreaterThan(1_980);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 40, 500, 3_000})
    void costAtMostOnePingARoundTripOtherwiseAndComeWithinTwoMore(long roundTripMillis) {
        long roundTrip = roundTripMillis * Nanos.MILLI;
        Line line = new Line(CALM, roundTrip).run(MINUTE, 10 * Nanos.MILLI, true);

        // The first ping waits for 200 ms; after that each waits for its own 200 ms or for the pong before, whichever
        // is later.
        long apart = Math.max(roundTrip, 200 * Nanos.MILLI);
        for (int i = 1; i < line.pingNanos.size(); i++) {
            assertThat(line.pingNanos.get(i) - line.pingNanos.get(i - 1)).isGreaterThanOrEqualTo(apart);
        }
        assertThat(line.pings()).isBetween(10L, MINUTE / apart + 1);
        assertThat(line.longestWait).isBetween(roundTrip, 2 * roundTrip + 200 * Nanos.MILLI);
        line.run(7 * Nanos.SECOND, 0, true);
        assertThat(line.engine.confirmedMessages()).isEqualTo(line.engine.writtenMessages());
    }

    @Test
    void aRareMessageCostsOnePingWhichTakesThePlaceOfTheNextRegularOne() {
        long every = 10 * Nanos.SECOND;
        Line line =
                new Line(CALM, 40 * Nanos.MILLI).run(10 * MINUTE, every, true).run(Nanos.SECOND, 0, true);

        assertThat(line.pings()).isEqualTo(line.writtenNanos.size());
        assertThat(line.longestWait).isEqualTo(240 * Nanos.MILLI);
    }

    @Test
    void aMessageThatWantsNoneCostsNone() {
        Line without = new Line(CALM, 40 * Nanos.MILLI).run(10 * MINUTE, 0, false);
        Line with = new Line(CALM, 40 * Nanos.MILLI).run(10 * MINUTE, 30 * Nanos.MILLI, false);

        assertThat(with.pingNanos).isEqualTo(without.pingNanos);
    }

    @Test
    void everythingBeforeAnAnsweredPingIsConfirmedByItThoughManyAreUnderWay() {
        // One ping each 50 ms, so twenty and more on their way.
        Line line = new Line(pinging(PingWhen.ALWAYS, 100), 1_030 * Nanos.MILLI).run(MINUTE, 7 * Nanos.MILLI, true);

        assertThat(line.pings()).isGreaterThan(1_000);
        assertThat(line.leastProven).isZero();
    }

    @Test
    void confirmLessAndNeverTooMuchWhenMorePingsAreUnderWayThanAreRemembered() {
        Line line = new Line(pinging(PingWhen.ALWAYS, 50), 5 * Nanos.SECOND).run(MINUTE, 7 * Nanos.MILLI, true);
        assertThat(line.pings()).isGreaterThan(1_000);
        assertThat(line.leastProven).isNegative();

        line.run(11 * Nanos.SECOND, 0, true);
        assertThat(line.engine.confirmedMessages()).isEqualTo(line.engine.writtenMessages());
    }
}
