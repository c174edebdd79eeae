package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.LossReason;
import io.everwire.ResumePolicy;
import io.everwire.session.resume.SessionStore.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the two ends of a session do, rule by rule, on a virtual clock. */
class ResumeTest {
    private static final ResumePolicy POLICY = ResumePolicy.DEFAULT;

    private static TwoEnds connected() {
        return connected(POLICY);
    }

    private static TwoEnds connected(ResumePolicy policy) {
        TwoEnds ends = new TwoEnds(policy);
        ends.connect();
        return ends;
    }

    @Test
    void beginsWithHelloAndAckAndDeliversBothWays() {
        TwoEnds ends = connected();
        ends.clientSends("a");
        ends.serverSends("b");

        assertThat(ends.onWire.get(0)).isInstanceOf(Control.Hello.class);
        assertThat(ends.onWire.get(1)).isEqualTo(new Control.Ack(0));
        assertThat(ends.serverHeard).containsExactly("a");
        assertThat(ends.clientHeard).containsExactly("b");
        assertThat(ends.clientTold).containsExactly("begun");
        assertThat(ends.serverTold).containsExactly("begun");
    }

    @Test
    void acknowledgesAfter200MillisecondsOrAQuarterOfTheWindow() {
        TwoEnds ends = connected(POLICY.withWindow(1 << 20, 8));
        ends.clientSends("a");
        assertThat(ends.client.confirmed()).isZero();
        ends.pass(190);
        assertThat(ends.client.confirmed()).isZero();
        ends.pass(20);
        assertThat(ends.client.confirmed()).isEqualTo(1);

        ends.clientSends("b");
        ends.clientSends("c");
        assertThat(ends.client.confirmed()).isEqualTo(3);
    }

    @Test
    @DisplayName("pitfall 1: resumes before the server has noticed the loss, fifty times in a row")
    void takesOverBeforeTheOldConnectionIsNoticed() {
        TwoEnds ends = connected();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ends.cut();
            ends.clientSends("lost on the wire " + i);
            ends.serverSends("and back " + i);
            sent.add("lost on the wire " + i);
            ends.connect();
            assertThat(ends.serverTold).endsWith("drop 4408", "resumed in 1 out 1");
        }
        assertThat(ends.serverHeard).isEqualTo(sent);
        assertThat(ends.clientHeard).hasSize(50);
    }

    @Test
    @DisplayName("pitfall 2: resumes a session in which nothing was ever said")
    void resumesAnEmptySession() {
        TwoEnds ends = connected();
        ends.clientNotices();
        ends.serverNotices();
        ends.pass(60_000);
        ends.connect();
        assertThat(ends.clientTold).containsExactly("begun", "resumed in 0 out 0");
    }

    @Test
    @DisplayName("pitfall 3: resumes twice without new traffic and repeats nothing")
    void repeatsNothingWhenItResumesTwice() {
        TwoEnds ends = connected();
        ends.cut();
        ends.clientSends("a");
        ends.connect();
        ends.clientNotices();
        ends.connect();
        assertThat(ends.serverHeard).containsExactly("a");
        assertThat(ends.clientTold).containsExactly("begun", "resumed in 0 out 1", "resumed in 0 out 0");
    }

    @Test
    @DisplayName("pitfall 6: a second cut during the replay skips nothing")
    void survivesACutDuringTheReplay() {
        TwoEnds ends = connected();
        ends.cut();
        for (int i = 0; i < 5; i++) {
            ends.serverSends("m" + i);
        }
        // The first reconnect is cut after the hello and two messages.
        SessionDesk.Arrival arrival = ends.offer();
        ends.desk.open(arrival, (resident, connection) -> {});
        ends.connect();
        assertThat(ends.clientHeard).containsExactly("m0", "m1", "m2", "m3", "m4");
    }

    @Test
    void losesASessionWhoseClientHasReceivedLessThanItSaidBefore() {
        TwoEnds ends = connected();
        ends.isClientPaused = true;
        ends.serverSends("m");
        ends.connect();
        TwoEnds.Home home = Objects.requireNonNull(ends.home);
        Offer.Claim back = new Offer.Claim(home.engine.sid(), 9, 0, 1, 1);
        Offer offer = new Offer(0, 7, 1024, 1024, back);
        assertThat(home.engine.resume(9, new SessionStore.Positions(0, 0, 0), offer, null, ends.now))
                .isEqualTo(Attachment.DESYNC);
    }

    @Test
    @DisplayName("pitfall 7: a lost session executes nothing again")
    void replaysNothingIntoANewSession() {
        TwoEnds ends = connected();
        ends.clientSends("a");
        ends.pass(300);
        ends.cut();
        ends.clientSends("b");
        ends.restartServer();
        ends.store.end(Objects.requireNonNull(ends.client.sid()), 1, null);
        ends.clientNotices();
        ends.connect();
        assertThat(ends.clientTold).contains(TwoEnds.lost(LossReason.UNKNOWN, 1, 1, 0), "begun");
        assertThat(ends.serverHeard).containsExactly("a");
        ends.clientSends("c");
        assertThat(ends.serverHeard).containsExactly("a", "c");
    }

    @Test
    @DisplayName("pitfall 8: a timer of an older connection does nothing to a session that was resumed")
    void ignoresTheExpiryOfAnOlderLoss() {
        TwoEnds ends = connected(POLICY.withTimeToLive(Duration.ofSeconds(2)));
        ends.clientNotices();
        ends.serverNotices();
        ends.pass(1_500);
        ends.connect();
        ends.pass(10_000);
        assertThat(ends.serverTold).noneMatch(told -> told.startsWith("lost"));
    }

    @Test
    @DisplayName("pitfall 9: frames of the old connection count no more, at both ends")
    void ignoresWhatOlderConnectionsStillSay() {
        TwoEnds ends = connected();
        TwoEnds.Home home = Objects.requireNonNull(ends.home);
        ends.connect();
        assertThat(home.engine.handleData(1, 5, ends.now)).isFalse();
        assertThat(home.engine.received()).isZero();
        assertThat(ends.client.handleData(1, 5, ends.now)).isFalse();
        assertThat(ends.client.received()).isZero();
    }

    @Test
    @DisplayName("pitfall 10: an older upgrade that arrives late changes nothing")
    void refusesAStaleAttempt() {
        TwoEnds ends = connected();
        SessionDesk.Arrival late = ends.offer();
        ends.connect();
        ends.desk
                .open(late, (resident, connection) -> {})
                .thenAccept(opening -> assertThat(opening)
                        .isInstanceOfSatisfying(
                                SessionDesk.Opening.Refused.class,
                                refused -> assertThat(refused.status().code()).isEqualTo(CloseCodes.STALE_ATTEMPT)));
        ends.clientSends("a");
        assertThat(ends.serverHeard).containsExactly("a");
    }

    @Test
    @DisplayName("pitfall 11: ten hellos are lost and the session is resumed all the same")
    void survivesLostHellos() {
        TwoEnds ends = connected();
        ends.cut();
        ends.clientSends("a");
        for (int i = 0; i < 10; i++) {
            ends.desk.open(ends.offer(), (resident, connection) -> {});
        }
        ends.connect();
        assertThat(ends.serverHeard).containsExactly("a");
        assertThat(ends.homes).hasSize(1);
    }

    @Test
    @DisplayName("pitfall 11: a new session whose hello was lost ends after ten seconds")
    void forgetsAnOrphan() {
        TwoEnds ends = new TwoEnds(POLICY);
        ends.desk.open(ends.offer(), (resident, connection) -> ends.home = (TwoEnds.Home) resident);
        ends.pass(9_900);
        assertThat(ends.serverTold).containsExactly("begun");
        ends.pass(200);
        assertThat(ends.serverTold).contains(TwoEnds.lost(LossReason.UNKNOWN, 0, 0, 0));
    }

    @Test
    @DisplayName("pitfall 13: two full windows and two paused applications recover")
    void recoversFromTwoFullWindows() {
        TwoEnds ends = connected(POLICY.withWindow(1 << 20, 4));
        ends.isClientPaused = true;
        ends.isServerPaused = true;
        for (int i = 0; i < 10; i++) {
            ends.clientSends("c" + i);
            ends.serverSends("s" + i);
        }
        assertThat(ends.serverHeard).hasSize(4);
        assertThat(ends.clientHeard).hasSize(4);
        assertThat(ends.client.hasRoom(1)).isFalse();

        ends.isClientPaused = false;
        ends.isServerPaused = false;
        Objects.requireNonNull(ends.home).engine.handleHanded(1, 4, ends.now);
        ends.client.handleHanded(ends.client.incarnation(), 4, ends.now);
        ends.flow();
        ends.clientSends("c");
        ends.serverSends("s");
        assertThat(ends.serverHeard).hasSize(5);
        assertThat(ends.clientHeard).hasSize(5);
    }

    @Test
    @DisplayName("pitfall 14: a detached session that is flooded ends with an overrun that both ends are told")
    void endsWhenADetachedWindowIsFull() {
        TwoEnds ends = connected(POLICY.withWindow(1 << 20, 4));
        ends.clientSends("a");
        ends.pass(300);
        ends.clientNotices();
        ends.serverNotices();
        for (int i = 0; i < 5; i++) {
            ends.serverSends("m" + i);
        }
        assertThat(ends.serverTold).contains(TwoEnds.lost(LossReason.OVERRUN, 0, 0, 4));
        ends.homes.clear();
        ends.connect();
        assertThat(ends.clientTold).contains(TwoEnds.lost(LossReason.OVERRUN, 1, 0, 0));
    }

    @Test
    void tellsAClientWhatWasReceivedWhenItsSessionHasExpired() {
        TwoEnds ends = connected(POLICY.withTimeToLive(Duration.ofSeconds(5)));
        ends.clientSends("a");
        ends.cut();
        ends.clientSends("b");
        ends.clientNotices();
        ends.serverNotices();
        ends.pass(6_000);
        assertThat(ends.serverTold).contains(TwoEnds.lost(LossReason.EXPIRED, 0, 0, 0));
        ends.homes.clear();
        ends.connect();
        assertThat(ends.clientTold).contains(TwoEnds.lost(LossReason.EXPIRED, 1, 1, 0), "begun");
    }

    @Test
    @DisplayName("pitfall 16: a server that was killed goes on from what its store has committed")
    void resumesFromTheStoreAfterACrash() {
        TwoEnds ends = new TwoEnds(POLICY, Durability.PROCESS);
        ends.connect();
        ends.clientSends("a");
        ends.serverSends("b");
        ends.pass(300);
        ends.cut();
        ends.clientSends("c");
        ends.serverSends("d");
        ends.restartServer();
        ends.clientNotices();
        ends.connect();
        assertThat(ends.serverHeard).containsExactly("a", "c");
        assertThat(ends.clientHeard).containsExactly("b", "d");
        assertThat(ends.clientTold).containsExactly("begun", "resumed in 1 out 1");
    }

    @Test
    void givesTheStoreAHandlersAnswersBeforeTheWordThatItHasReturned() {
        TwoEnds ends = new TwoEnds(POLICY, Durability.PROCESS);
        ends.connect();
        ServerResume<String> server = Objects.requireNonNull(ends.home).engine;
        assertThat(server.handleData(ends.serverConnection, 1, ends.now)).isTrue();
        server.accept("one", 3, ends.now);
        server.handleHanded(1, 1, ends.now);
        List<ResumeOutput> first = drain(server);
        assertThat(first).hasExactlyElementsOfTypes(ResumeOutput.Append.class, ResumeOutput.Commit.class);

        // The next answer waits for the append that is under way; the store answers both in the meantime.
        assertThat(server.handleData(ends.serverConnection, 1, ends.now)).isTrue();
        server.accept("two", 3, ends.now);
        server.handleHanded(1, 2, ends.now);
        server.handleStored((ResumeOutput.StoreWrite) first.get(1), SessionStore.Outcome.DONE, ends.now);
        assertThat(drain(server)).noneMatch(ResumeOutput.Commit.class::isInstance);
        server.handleStored((ResumeOutput.StoreWrite) first.get(0), SessionStore.Outcome.DONE, ends.now);
        assertThat(drain(server).stream().filter(ResumeOutput.StoreWrite.class::isInstance))
                .hasExactlyElementsOfTypes(ResumeOutput.Append.class, ResumeOutput.Commit.class);
    }

    private static List<ResumeOutput> drain(ServerResume<String> engine) {
        List<ResumeOutput> outputs = new ArrayList<>();
        for (ResumeOutput output = engine.poll(); output != null; output = engine.poll()) {
            outputs.add(output);
        }
        return outputs;
    }

    @Test
    @DisplayName("pitfall 19: a client that was taken over does not come back")
    void stopsWhenAnotherConnectionHasTheSession() {
        TwoEnds ends = connected();
        assertThat(ends.client.handleClosed(ends.client.attempt(), CloseCodes.TAKEN_OVER, ends.now))
                .isTrue();
        ends.flow();
        assertThat(ends.clientTold).endsWith(TwoEnds.lost(LossReason.TAKEN_OVER, 0, 0, 0));
    }

    @Test
    @DisplayName("pitfall 21: 1000, 1001 and 1006 without bye suspend; bye ends")
    void suspendsOnEveryCloseWithoutBye() {
        TwoEnds ends = connected();
        for (int code : new int[] {CloseCode.NORMAL, CloseCode.GOING_AWAY, CloseCode.ABNORMAL}) {
            assertThat(ends.client.handleClosed(ends.client.attempt(), code, ends.now))
                    .isFalse();
            ends.clientNotices();
            ends.connect();
            assertThat(ends.clientTold).endsWith("resumed in 0 out 0");
        }
        ends.clientSends("last");
        ends.client.bye(1000, "done");
        ends.flow();
        assertThat(ends.serverTold).endsWith("ended 1000");
        assertThat(ends.client.confirmed()).isEqualTo(1);
        assertThat(ends.client.isOver()).isTrue();
    }

    @Test
    @DisplayName("pitfall 26: two protocol closes without progress lose the session")
    void givesAPoisonedSessionUp() {
        TwoEnds ends = connected();
        ends.client.handleClosed(ends.client.attempt(), CloseCode.TOO_LARGE, ends.now);
        ends.clientNotices();
        ends.connect();
        ends.clientSends("progress");
        ends.pass(300);
        ends.client.handleClosed(ends.client.attempt(), CloseCode.TOO_LARGE, ends.now);
        ends.clientNotices();
        ends.connect();
        assertThat(ends.client.sid()).isNotNull();
        ends.client.handleClosed(ends.client.attempt(), CloseCode.TOO_LARGE, ends.now);
        ends.flow();
        assertThat(ends.clientTold).anyMatch(told -> told.startsWith("lost POISONED"));
        assertThat(ends.client.sid()).isNull();
    }

    @Test
    void refusesAnAckOfWhatWasNeverSent() {
        TwoEnds ends = connected();
        Objects.requireNonNull(ends.home).engine.handleControl(ends.serverConnection, new Control.Ack(1), ends.now);
        ends.flow();
        assertThat(ends.serverTold).endsWith("drop 4400");
    }

    @Test
    void refusesMoreThanTheWindow() {
        TwoEnds ends = connected(POLICY.withWindow(1 << 10, 4));
        TwoEnds.Home home = Objects.requireNonNull(ends.home);
        assertThat(home.engine.handleData(ends.serverConnection, 960, ends.now)).isTrue();
        assertThat(home.engine.handleData(ends.serverConnection, 0, ends.now)).isFalse();
        ends.flow();
        assertThat(ends.serverTold).endsWith("drop 4413");
    }

    @Test
    void losesASessionWhoseCountsDisagree() {
        TwoEnds ends = connected();
        ends.clientSends("a");
        TwoEnds.Home home = Objects.requireNonNull(ends.home);
        home.engine.handleControl(ends.serverConnection, new Control.Ping(5, 0, 1), ends.now);
        ends.flow();
        assertThat(ends.serverTold).contains("drop 4400", TwoEnds.lost(LossReason.DESYNC, 0, 0, 0));
    }
}
