package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Backoff;
import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.ReconnectPolicy;
import io.everwire.SessionState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every sequence of inputs up to a depth keeps every promise; and the checker is not fooled by engines that break one. */
class ReconnectExplorationTest {
    private static final System.Logger LOG = System.getLogger(ReconnectExplorationTest.class.getName());

    /** Budgets so small that seven inputs exhaust them. */
    private static final ReconnectPolicy TIGHT = ReconnectPolicy.DEFAULT.withBudgets(3, 5);

    /** Start, request, TCP, upgrade, ready. */
    private static final int[] TO_OPEN = {0, 4, 6, 12, 19};

    /** Then dead, and the first attempt of the outage asks for a request and has it. */
    private static final int[] TO_OUTAGE = {0, 4, 6, 12, 19, 29, 23, 29, 4};

    private static void explore(String name, ReconnectPolicy policy, double random, int depth, int... prologue) {
        Explorer.Coverage coverage =
                Explorer.explore(() -> new ReconnectWorld(ReconnectSubject::new, policy, random, prologue), depth);
        LOG.log(System.Logger.Level.INFO, "Reconnect, " + name + ", random " + random + ": " + coverage);
    }

    @Test
    void keepsEveryPromiseFromTheBeginning() {
        explore("from the beginning", TIGHT, 0.5, 7);
    }

    @Test
    void keepsEveryPromiseFromAnOpenConnection() {
        explore("from an open connection", TIGHT, 0.999_999, 7, TO_OPEN);
    }

    @Test
    void keepsEveryPromiseWhileTheNetworkIsGone() {
        explore("while the network is gone", TIGHT, 0, 6, TO_OUTAGE);
    }

    @Test
    void keepsEveryPromiseOfAFleet() {
        explore("fleet", TIGHT.withBackoff(Backoff.FLEET), 0.5, 7);
    }

    /** Engines that break a promise, one each; the checker must find every one of them. */
    @Nested
    class ACheckerThatIsNotFooled {
        private void requireCaught(ReconnectWorld.Maker broken, String complaint, int... prologue) {
            assertThatThrownBy(() -> Explorer.explore(() -> new ReconnectWorld(broken, TIGHT, 0.5, prologue), 6))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining(complaint);
        }

        @Test
        void catchesAnEngineThatForgetsItsDeadline() {
            requireCaught(ForgetsDeadline::new, "a state without a deadline");
        }

        @Test
        void catchesAnEngineThatLeavesClosed() {
            requireCaught(SpeaksAfterClosed::new, "spoke after CLOSED");
        }

        @Test
        void catchesAnEngineThatSpeaksForAStaleEpoch() {
            requireCaught(BelievesStaleEpochs::new, "something stale", TO_OPEN);
        }

        @Test
        void catchesAnEngineThatBelievesAStaleProbe() {
            requireCaught(BelievesStaleProbes::new, "something stale");
        }

        @Test
        void catchesAnEngineThatExceedsTheBudget() {
            requireCaught(KnowsNoBudget::new, "past the session's budget", TO_OUTAGE);
        }

        @Test
        void catchesADelayOutsideTheRule() {
            requireCaught(WaitsTooLong::new, "a delay of");
        }

        @Test
        void catchesAnEngineThatForgetsToCancel() {
            requireCaught(ForgetsToCancel::new, "under way");
        }

        @Test
        void catchesAnEventThatIsToldTwice() {
            requireCaught(TellsTwice::new, "Connecting after 'Connecting'");
        }
    }

    private static class ForgetsDeadline extends ReconnectSubject {
        ForgetsDeadline(ReconnectPolicy policy, double random, long now) {
            super(policy, random, now);
        }

        @Override
        long deadlineNanos() {
            return engine.state() == SessionState.WAITING ? Engine.NO_DEADLINE : super.deadlineNanos();
        }
    }

    private static class SpeaksAfterClosed extends ReconnectSubject {
        private boolean hasSpoken;

        SpeaksAfterClosed(ReconnectPolicy policy, double random, long now) {
            super(policy, random, now);
        }

        @Override
        @Nullable ReconnectOutput poll() {
            ReconnectOutput output = super.poll();
            if (output == null && engine.state() == SessionState.CLOSED && !hasSpoken) {
                hasSpoken = true;
                return new ReconnectOutput.Probe(99, 0);
            }
            return output;
        }
    }

    private static class BelievesStaleEpochs extends ReconnectSubject {
        BelievesStaleEpochs(ReconnectPolicy policy, double random, long now) {
            super(policy, random, now);
        }

        @Override
        void handleLost(int epoch, Failure failure, CloseStatus status, long now) {
            super.handleLost(engine.epoch(), failure, status, now);
        }
    }

    private static class BelievesStaleProbes extends ReconnectSubject {
        BelievesStaleProbes(ReconnectPolicy policy, double random, long now) {
            super(policy, random, now);
        }

        @Override
        void handleProbeConnected(long probe, long now) {
            super.handleProbeConnected(1, now);
        }
    }

    private static class KnowsNoBudget extends ReconnectSubject {
        KnowsNoBudget(ReconnectPolicy policy, double random, long now) {
            super(policy.withBudgets(1_000, 1_000), random, now);
        }
    }

    private static class WaitsTooLong extends ReconnectSubject {
        WaitsTooLong(ReconnectPolicy policy, double random, long now) {
            super(policy, 40 * random, now);
        }
    }

    private static class ForgetsToCancel extends ReconnectSubject {
        ForgetsToCancel(ReconnectPolicy policy, double random, long now) {
            super(policy, random, now);
        }

        @Override
        @Nullable ReconnectOutput poll() {
            ReconnectOutput output = super.poll();
            return output instanceof ReconnectOutput.Cancel ? super.poll() : output;
        }
    }

    private static class TellsTwice extends ReconnectSubject {
        private @Nullable ReconnectOutput again;

        TellsTwice(ReconnectPolicy policy, double random, long now) {
            super(policy, random, now);
        }

        @Override
        @Nullable ReconnectOutput poll() {
            ReconnectOutput output = again == null ? super.poll() : again;
            again = again == null && output instanceof ReconnectOutput.Tell ? output : null;
            return output;
        }
    }
}
