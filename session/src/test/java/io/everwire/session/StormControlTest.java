package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.StormPolicy;
import io.everwire.session.StormControl.Lateness;
import io.everwire.session.StormControl.Slot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is let in at once, who is sent away, and until when. */
class StormControlTest {
    private static final long BEGIN = Long.MAX_VALUE - 3 * Nanos.SECOND;
    private static final Lateness IN_TIME = Lateness.NONE;
    private static final Lateness LAGGING = new Lateness(2 * Nanos.SECOND, 0, 0);
    private static final Lateness LEFT_LYING = new Lateness(0, 3 * Nanos.SECOND, 100_000);

    private long now = BEGIN;

    private StormControl control(StormPolicy policy) {
        return new StormControl(policy, new byte[StormControl.KEY_BYTES], () -> 0.5, now);
    }

    private StormControl allowing(int handshakesPerSecond) {
        return control(StormPolicy.DEFAULT.withHandshakesPerSecond(handshakesPerSecond));
    }

    private static Slot requireSlot(@Nullable Slot slot) {
        if (slot == null) {
            throw new AssertionError("the client was let in");
        }
        return slot;
    }

    /** Newcomers until nobody is let in any more; returns how many were. */
    private int fill(StormControl control) {
        int admitted = 0;
        while (control.handleRequest(null, IN_TIME, now) == null) {
            admitted++;
        }
        return admitted;
    }

    /** Brings a server under strain. */
    private void strain(StormControl control, Lateness lateness) {
        for (int i = 0; i < 100; i++) {
            control.handleRequest(null, lateness, now);
            now += 10 * Nanos.MILLI;
        }
    }

    @Test
    void letsEverybodyInByDefaultWhileTheServerIsInTime() {
        StormControl control = control(StormPolicy.DEFAULT);
        for (int i = 0; i < 100_000; i++) {
            assertThat(control.handleRequest(null, IN_TIME, now)).isNull();
        }
        assertThat(control.counts().refused()).isZero();
    }

    @Test
    void letsEverybodyInAfterAPauseOfAMoment() {
        StormControl control = control(StormPolicy.DEFAULT);
        // What came during two seconds of a pause lies there, and is soon gone.
        for (int i = 0; i < 1_000; i++) {
            long age = 2 * Nanos.SECOND - i * (2 * Nanos.MILLI);
            assertThat(control.handleRequest(null, new Lateness(age, age, 100_000), now))
                    .isNull();
            now += 200_000;
        }
        // And one that comes alone, however late it is read.
        now += Nanos.SECOND;
        assertThat(control.handleRequest(null, LEFT_LYING, now)).isNull();
    }

    @Test
    void sendsNewcomersAwayWhileEventLoopsAreLate() {
        StormControl control = control(StormPolicy.DEFAULT);
        strain(control, LAGGING);
        assertThat(control.handleRequest(null, LAGGING, now)).isNotNull();
        assertThat(control(StormPolicy.NONE).handleRequest(null, LAGGING, now)).isNull();
    }

    @Test
    void sendsNewcomersAwayWhileRequestsLieUnread() {
        StormControl control = control(StormPolicy.DEFAULT);
        strain(control, LEFT_LYING);
        assertThat(control.handleRequest(null, LEFT_LYING, now)).isNotNull();
        assertThat(control.isStrained(now)).isTrue();
    }

    @Test
    void letsThemWaitWhoAreServedInTimeAllTheSame() {
        StormControl control = control(StormPolicy.DEFAULT);
        for (int i = 0; i < 2_000; i++) {
            control.handleRequest(null, new Lateness(0, 3 * Nanos.SECOND, 0), now);
            control.handleCompleted(now);
            now += Nanos.MILLI;
        }
        assertThat(control.handleRequest(null, new Lateness(0, 3 * Nanos.SECOND, 900), now))
                .as("3.9 s, of the 4 s that clients have")
                .isNull();
        assertThat(control.refusesUnheard(true, new Lateness(0, 3 * Nanos.SECOND, 900), now))
                .isFalse();
        assertThat(control.handleRequest(null, new Lateness(0, 3 * Nanos.SECOND, 1_100), now))
                .as("4.1 s")
                .isNotNull();
    }

    @Test
    void letsNewcomersInAgainWhenTheServerIsInTime() {
        StormControl control = control(StormPolicy.DEFAULT);
        strain(control, LAGGING);
        strain(control, IN_TIME);
        strain(control, IN_TIME);
        // Those that it has sent away come first; newcomers have their share.
        assertThat(control.isStrained(now)).isFalse();
        assertThat(control.handleRequest(null, IN_TIME, now)).isNull();
    }

    @Test
    void hangsUpOnTlsOnlyWhenItIsMuchTooLate() {
        StormControl control = control(StormPolicy.DEFAULT);
        assertThat(control.refusesUnheard(true, LAGGING, now)).isFalse();
        strain(control, LAGGING);
        assertThat(control.refusesUnheard(true, LAGGING, now)).isTrue();
        assertThat(control.refusesUnheard(false, LAGGING, now))
                .as("in plain text it can be told a slot")
                .isFalse();
        assertThat(control.counts().refusedUnheard()).isEqualTo(1);
    }

    @Test
    void hangsUpOnWhoHasWaitedForSoLongThatHeIsGone() {
        StormControl control = control(StormPolicy.DEFAULT);
        strain(control, new Lateness(0, 10 * Nanos.SECOND, 0));
        assertThat(control.refusesUnheard(false, new Lateness(0, 5 * Nanos.SECOND, 0), now))
                .isTrue();
        assertThat(control.refusesUnheard(false, new Lateness(0, 3 * Nanos.SECOND, 100_000), now))
                .isFalse();
    }

    @Test
    void letsInAsManyAsTheBucketHoldsAndKeepsAQuarterForThoseWhoWereTold() {
        assertThat(fill(allowing(1_000))).isEqualTo(750);
        assertThat(fill(allowing(1))).isEqualTo(1);
    }

    @Test
    void handsOutOneSlotAfterTheOtherNineTenthsAsFastAsItCan() {
        StormControl control = allowing(1_000);
        fill(control);
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            delays.add(requireSlot(control.handleRequest(null, IN_TIME, now)).delay());
        }
        assertThat(delays).isSorted().doesNotHaveDuplicates();
        assertThat(delays.get(0)).isBetween(Duration.ofMillis(250), Duration.ofMillis(260));
        assertThat(delays.get(899).minus(delays.get(0))).isBetween(Duration.ofMillis(990), Duration.ofMillis(1_000));
    }

    @Test
    void letsInWhoComesWhenHisSlotIsDueAndNoNewcomerBeforeHim() {
        StormControl control = allowing(1_000);
        fill(control);
        Slot slot = requireSlot(control.handleRequest(null, IN_TIME, now));
        now += Nanos.of(slot.delay());
        fill(control);
        assertThat(control.handleRequest(slot.ticket(), IN_TIME, now)).isNull();
        assertThat(control.counts().admittedByTicket()).isEqualTo(1);
    }

    @Test
    void tellsWhoComesTooEarlyTheSameSlotAgain() {
        StormControl control = allowing(1);
        fill(control);
        requireSlot(control.handleRequest(null, IN_TIME, now));
        Slot slot = requireSlot(control.handleRequest(null, IN_TIME, now));
        now += Nanos.of(slot.delay()) / 2;
        Slot again = requireSlot(control.handleRequest(slot.ticket(), IN_TIME, now));
        assertThat(again.ticket()).isEqualTo(slot.ticket());
        assertThat(again.delay())
                .isBetween(slot.delay().dividedBy(2), slot.delay().dividedBy(2).plusNanos(1));
        now += Nanos.of(again.delay()) - StormControl.EARLY;
        assertThat(control.handleRequest(slot.ticket(), IN_TIME, now)).isNull();
    }

    @Test
    void forgetsASlotWhoseOwnerIsTooLate() {
        StormControl control = allowing(1_000);
        fill(control);
        Slot slot = requireSlot(control.handleRequest(null, IN_TIME, now));
        now += Nanos.of(slot.delay()) + StormControl.LONGEST_LATE;
        fill(control);
        assertThat(control.handleRequest(slot.ticket(), IN_TIME, now)).isNull();
        now++;
        fill(control);
        assertThat(control.handleRequest(slot.ticket(), IN_TIME, now)).isNotNull();
    }

    @Test
    void givesNewcomersTheSlotsOfThoseWhoDoNotCome() {
        StormControl control = allowing(1_000);
        fill(control);
        for (int i = 0; i < 5_000; i++) {
            requireSlot(control.handleRequest(null, IN_TIME, now));
        }
        now += Nanos.SECOND;
        assertThat(fill(control)).isGreaterThanOrEqualTo(700);
    }

    @Test
    void believesNoTicketButItsOwn() {
        StormControl control = allowing(1_000);
        StormControl other = new StormControl(
                StormPolicy.DEFAULT.withHandshakesPerSecond(1),
                "another key that nobody can guess".substring(0, 32).getBytes(StandardCharsets.US_ASCII),
                () -> 0,
                now);
        fill(other);
        String foreign = requireSlot(other.handleRequest(null, IN_TIME, now)).ticket();
        fill(control);
        String genuine = String.valueOf(
                requireSlot(control.handleRequest(null, IN_TIME, now)).ticket());
        assertThat(genuine).hasSize(22);
        now += 300 * Nanos.MILLI;
        fill(control);
        String forged = genuine.substring(0, 9) + (genuine.charAt(9) == 'A' ? 'B' : 'A') + genuine.substring(10);
        for (String text :
                new String[] {foreign, forged, "", "x", "!".repeat(22), "\u00e9".repeat(22), "A".repeat(5_000)}) {
            assertThat(control.handleRequest(text, IN_TIME, now)).as(text).isNotNull();
        }
        assertThat(control.counts().admittedByTicket()).isZero();
    }

    @Test
    void tellsNobodyToComeBackBeyondTheHorizon() {
        StormControl control =
                control(StormPolicy.DEFAULT.withHandshakesPerSecond(10).withHorizon(Duration.ofSeconds(5)));
        fill(control);
        HashSet<@Nullable String> tickets = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            Slot slot = requireSlot(control.handleRequest(null, IN_TIME, now));
            assertThat(slot.delay()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(5));
            tickets.add(slot.ticket());
        }
        assertThat(tickets)
                .as("one for each slot, and none for those behind")
                .hasSizeBetween(40, 50)
                .contains((String) null);
    }

    @Test
    void learnsFromWhatItHasDoneHowMuchItCan() {
        StormControl control = control(StormPolicy.DEFAULT);
        assertThat(control.counts().perSecond()).isEqualTo(Capacity.ASSUMED);
        for (int i = 0; i < 10_000; i++) {
            control.handleCompleted(now);
            now += Nanos.SECOND / 8_000;
        }
        assertThat(control.counts().perSecond()).isBetween(7_900, 8_100);
        // A server with little to do proves nothing.
        for (int i = 0; i < 100; i++) {
            control.handleCompleted(now);
            now += 50 * Nanos.MILLI;
        }
        assertThat(control.counts().perSecond()).isBetween(7_900, 8_100);
        // Under strain it does.
        for (int i = 0; i < 1_000; i++) {
            control.handleRequest(null, LAGGING, now);
            control.handleCompleted(now);
            now += 10 * Nanos.MILLI;
        }
        assertThat(control.counts().perSecond()).isBetween(100, 150);
    }

    @Test
    void isMadeOfAKeyThatNobodyCanGuess() {
        assertThatThrownBy(() -> new StormControl(StormPolicy.DEFAULT, new byte[8], () -> 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a key has 32 bytes, not 8");
    }

    @Test
    void isMadeOfAPolicyThatMakesSense() {
        assertThatThrownBy(() -> StormPolicy.DEFAULT.withHandshakesPerSecond(-1))
                .hasMessageContaining("handshakesPerSecond is -1");
        assertThatThrownBy(() -> StormPolicy.DEFAULT.withLateness(Duration.ofMillis(49), null))
                .hasMessageContaining("lag is PT0.049S");
        assertThatThrownBy(() -> StormPolicy.DEFAULT.withHorizon(Duration.ofHours(2)))
                .hasMessageContaining("horizon is PT2H");
    }
}
