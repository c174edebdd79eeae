package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.LivenessPolicy;
import io.everwire.PingWhen;
import io.everwire.session.Liveness.Action;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every sequence of inputs up to a depth keeps every promise; and the checker is not fooled by engines that break one. */
class LivenessExplorationTest {
    private static final System.Logger LOG = System.getLogger(LivenessExplorationTest.class.getName());

    private static final LivenessPolicy EVERYTHING = new LivenessPolicy(
            Duration.ofSeconds(3),
            0.2,
            Duration.ofSeconds(2),
            PingWhen.SILENT,
            Duration.ofSeconds(6),
            Duration.ofSeconds(4));

    private static void explore(String name, LivenessPolicy policy, double random, int depth) {
        Explorer.Coverage coverage =
                Explorer.explore(() -> new LivenessWorld(LivenessSubject::new, policy, random), depth);
        LOG.log(System.Logger.Level.INFO, "Liveness, " + name + ", random " + random + ": " + coverage);
    }

    @Test
    void keepsEveryPromiseWithEveryRuleOn() {
        explore("every rule on", EVERYTHING, 0.5, 7);
    }

    @Test
    void keepsEveryPromiseWhenPingingAlways() {
        explore("article's server", LivenessPolicy.ARTICLE_SERVER, 0, 6);
    }

    @Test
    void keepsEveryPromiseWithoutPings() {
        explore("article's client", LivenessPolicy.ARTICLE_CLIENT, 0, 6);
    }

    @Test
    void keepsEveryPromiseByDefault() {
        explore("default", LivenessPolicy.DEFAULT, 0.999_999, 6);
    }

    /** Engines that break a promise, one each; the checker must find every one of them. */
    @Nested
    class ACheckerThatIsNotFooled {
        private void requireCaught(LivenessWorld.Maker broken, LivenessPolicy policy, String complaint) {
            assertThatThrownBy(() -> Explorer.explore(() -> new LivenessWorld(broken, policy, 0.5), 5))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining(complaint);
        }

        @Test
        void catchesAnEngineThatForgetsItsDeadline() {
            requireCaught(ForgetsDeadline::new, EVERYTHING, "an open connection without a deadline");
        }

        @Test
        void catchesAVerdictThatComesLate() {
            requireCaught(JudgesLate::new, EVERYTHING, "past the bound");
        }

        @Test
        void catchesAVerdictAlthoughBytesArrive() {
            requireCaught(IgnoresBytes::new, LivenessPolicy.ARTICLE_CLIENT, "dead before expectTraffic");
        }

        @Test
        void catchesAnEngineThatSpeaksAfterDead() {
            requireCaught(SpeaksAfterDead::new, LivenessPolicy.ARTICLE_CLIENT, "spoke after DEAD");
        }

        @Test
        void catchesAVerdictWithoutReadingWhatIsReadable() {
            requireCaught(NeverDrains::new, LivenessPolicy.ARTICLE_CLIENT, "dead without reading");
        }

        @Test
        void catchesAConfirmationThatNoPongProves() {
            requireCaught(ConfirmsWhatIsWritten::new, EVERYTHING, "but a pong proves");
        }

        @Test
        void catchesAnUnsolicitedPongThatSatisfies() {
            requireCaught(TrustsEveryPong::new, EVERYTHING, "but a pong proves");
        }

        @Test
        void catchesADeadlineThatIsHandledAndStillDue() {
            requireCaught(Spins::new, EVERYTHING, "still due");
        }
    }

    private static class ForgetsDeadline extends LivenessSubject {
        ForgetsDeadline(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        long deadlineNanos() {
            return engine.wantsAckProgress() ? Engine.NO_DEADLINE : super.deadlineNanos();
        }
    }

    private static class JudgesLate extends LivenessSubject {
        JudgesLate(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        long deadlineNanos() {
            long deadline = super.deadlineNanos();
            return deadline == Engine.NO_DEADLINE ? deadline : deadline + 3 * Nanos.SECOND;
        }
    }

    private static class IgnoresBytes extends LivenessSubject {
        IgnoresBytes(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        void handleBytes(long now) {}
    }

    private static class SpeaksAfterDead extends LivenessSubject {
        private int words = 1;

        SpeaksAfterDead(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        Action pollAction() {
            Action action = super.pollAction();
            boolean isDead = deadlineNanos() == Engine.NO_DEADLINE;
            return action == Action.NONE && isDead && words-- > 0 ? Action.ALIVE : action;
        }
    }

    private static class NeverDrains extends LivenessSubject {
        NeverDrains(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        Action pollAction() {
            Action action = super.pollAction();
            if (action == Action.DRAIN) {
                handleDrained(lastNanos);
                action = super.pollAction();
            }
            return action;
        }

        private long lastNanos;

        @Override
        void handleDeadline(long now) {
            lastNanos = now;
            super.handleDeadline(now);
        }
    }

    private static class ConfirmsWhatIsWritten extends LivenessSubject {
        ConfirmsWhatIsWritten(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        long confirmedMessages() {
            return engine.writtenMessages();
        }
    }

    private static class TrustsEveryPong extends LivenessSubject {
        TrustsEveryPong(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        void handlePong(long nonce, long sent, long now) {
            super.handlePong(engine.pingNonce(), sent, now);
        }
    }

    private static class Spins extends LivenessSubject {
        Spins(LivenessPolicy policy, Duration writeTimeout, double random, long now) {
            super(policy, writeTimeout, random, now);
        }

        @Override
        void handleDeadline(long now) {
            super.handleDeadline(now - 1);
        }
    }
}
