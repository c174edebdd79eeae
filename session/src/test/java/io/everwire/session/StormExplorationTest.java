package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.StormPolicy;
import io.everwire.session.StormControl.Lateness;
import io.everwire.session.StormControl.Slot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every sequence of inputs up to a length keeps every promise; and the checker is not fooled by controls that break one. */
class StormExplorationTest {
    private static final System.Logger LOG = System.getLogger(StormExplorationTest.class.getName());

    /** Newcomers until one is sent away. */
    private static final int[] TO_THE_FIRST_SLOT = {0, 0, 0, 0};

    private static void explore(StormWorld.Maker maker, int... prologue) {
        Explorer.Coverage coverage = Explorer.explore(() -> new StormWorld(maker, prologue), 6);
        LOG.log(System.Logger.Level.INFO, "StormControl, after " + prologue.length + " newcomers: " + coverage);
    }

    @Test
    void keepsEveryPromiseFromTheBeginning() {
        explore(StormWorld.Subject::new);
    }

    @Test
    void keepsEveryPromiseOnceItHasSentSomebodyAway() {
        explore(StormWorld.Subject::new, TO_THE_FIRST_SLOT);
    }

    @Nested
    class ACheckerThatIsNotFooled {
        private void requireCaught(StormWorld.Maker broken, String complaint, int... prologue) {
            assertThatThrownBy(() -> explore(broken, prologue))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining(complaint);
        }

        @Test
        void catchesOneThatKnowsNoBucket() {
            requireCaught(LetsEverybodyIn::new, "more were let in than the bucket holds");
        }

        @Test
        void catchesOneThatKnowsNoTickets() {
            requireCaught(IgnoresTickets::new, "a slot was used before it was due", TO_THE_FIRST_SLOT);
        }

        @Test
        void catchesOneThatSendsOwnersAway() {
            requireCaught(SendsOwnersAway::new, "the owner of a slot was sent away", TO_THE_FIRST_SLOT);
        }

        @Test
        void catchesOneThatBearsEverything() {
            requireCaught(
                    (policy, now) -> new StormWorld.Subject(policy.withLateness(null, null), now),
                    "let in under strain");
        }

        @Test
        void catchesOneThatIsAfraid() {
            requireCaught(IsAfraid::new, "sent away though there is room");
        }

        @Test
        void catchesOneThatGivesASlotTwice() {
            requireCaught(GivesTwice::new, "two slots are");
        }

        @Test
        void catchesOneThatNamesADistantTime() {
            requireCaught(NamesDistantTimes::new, "a delay of");
        }
    }

    private static class LetsEverybodyIn extends StormWorld.Subject {
        LetsEverybodyIn(StormPolicy policy, long now) {
            super(policy, now);
        }

        @Override
        @Nullable Slot handleRequest(@Nullable String ticket, Lateness lateness, long now) {
            Slot slot = super.handleRequest(ticket, lateness, now);
            return ticket == null && lateness.equals(Lateness.NONE) ? null : slot;
        }
    }

    private static class IgnoresTickets extends StormWorld.Subject {
        IgnoresTickets(StormPolicy policy, long now) {
            super(policy, now);
        }

        @Override
        @Nullable Slot handleRequest(@Nullable String ticket, Lateness lateness, long now) {
            return super.handleRequest(null, lateness, now);
        }
    }

    private static class SendsOwnersAway extends StormWorld.Subject {
        SendsOwnersAway(StormPolicy policy, long now) {
            super(policy, now);
        }

        @Override
        @Nullable Slot handleRequest(@Nullable String ticket, Lateness lateness, long now) {
            Slot slot = super.handleRequest(ticket, lateness, now);
            return slot == null && ticket != null ? new Slot(Duration.ofSeconds(1), null) : slot;
        }
    }

    private static class IsAfraid extends StormWorld.Subject {
        IsAfraid(StormPolicy policy, long now) {
            super(policy.withHandshakesPerSecond(1), now);
        }
    }

    private static class GivesTwice extends StormWorld.Subject {
        private @Nullable Slot last;

        GivesTwice(StormPolicy policy, long now) {
            super(policy, now);
        }

        @Override
        @Nullable Slot handleRequest(@Nullable String ticket, Lateness lateness, long now) {
            Slot slot = super.handleRequest(ticket, lateness, now);
            Slot given = slot == null || last == null ? slot : last;
            last = slot;
            return given;
        }
    }

    private static class NamesDistantTimes extends StormWorld.Subject {
        NamesDistantTimes(StormPolicy policy, long now) {
            super(policy, now);
        }

        @Override
        @Nullable Slot handleRequest(@Nullable String ticket, Lateness lateness, long now) {
            Slot slot = super.handleRequest(ticket, lateness, now);
            return slot == null ? null : new Slot(slot.delay().plus(Duration.ofSeconds(5)), slot.ticket());
        }
    }
}
