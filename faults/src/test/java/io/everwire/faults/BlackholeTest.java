package io.everwire.faults;

import static io.everwire.faults.Direction.DOWN;
import static io.everwire.faults.Direction.UP;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlackholeTest {

    @Test
    void holdsBytesUntilTheFirstRetransmissionAfterTheHeal() {
        VirtualLink link = new VirtualLink()
                .send(UP, "a")
                .apply("blackhole")
                .at(1_000)
                .send(UP, "b")
                .at(1_500)
                .send(UP, "c")
                .send(DOWN, "d")
                .at(2_000)
                .apply("heal")
                .send(UP, "e")
                .at(10_000);
        // b was sent at 1.0 s, so again at 1.2, 1.6 and 2.4 s; d at 1.5 s, so again at 1.7 and 2.1 s
        assertThat(link.arrivals()).containsExactly("0 UP a", "2100 DOWN d", "2400 UP b", "2400 UP c", "2400 UP e");
    }

    @Test
    void afterALongOutageTheFirstByteTakesAboutAsLongAgain() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .send(UP, "a")
                .at(26_000)
                .apply("heal")
                .at(60_000);
        assertThat(link.arrivals()).containsExactly("51000 UP a");
    }

    @Test
    void isNotNoticedWhenNobodySendsAnything() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .at(30_000)
                .apply("heal")
                .send(UP, "a")
                .send(DOWN, "b");
        assertThat(link.arrivals()).containsExactly("30000 UP a", "30000 DOWN b");
    }

    @Test
    void upstreamOnlyLetsTheServerSpeak() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole-up")
                .send(UP, "a")
                .send(DOWN, "b")
                .at(1_000)
                .apply("heal")
                .at(2_000);
        assertThat(link.arrivals()).containsExactly("0 DOWN b", "1400 UP a");
    }

    @Test
    void downstreamOnlyLetsTheClientSpeak() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole-down")
                .send(UP, "a")
                .send(DOWN, "b")
                .at(1_000)
                .apply("heal")
                .at(2_000);
        assertThat(link.arrivals()).containsExactly("0 UP a", "1400 DOWN b");
    }

    @Test
    void aSecondCutBeforeTheRetransmissionGoesOnWithTheFirstSchedule() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .send(UP, "a")
                .at(700)
                .apply("heal")
                .at(1_000)
                .apply("blackhole")
                .at(1_500)
                .apply("heal")
                .at(5_000);
        assertThat(link.arrivals()).containsExactly("3000 UP a");
    }

    @Test
    void aSecondCutAfterTheRetransmissionHasAScheduleOfItsOwn() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .send(UP, "a")
                .at(500)
                .apply("heal")
                .at(10_000)
                .apply("blackhole")
                .send(UP, "b")
                .at(10_500)
                .apply("heal")
                .at(20_000);
        assertThat(link.arrivals()).containsExactly("600 UP a", "10600 UP b");
    }

    @Test
    void whatWasUnderWayIsLostAtTheMomentOfTheCut() {
        VirtualLink link = new VirtualLink("delay 5s")
                .send(UP, "a")
                .at(4_000)
                .apply("blackhole")
                .at(4_500)
                .apply("heal")
                .at(10_000);
        assertThat(link.arrivals()).containsExactly("4600 UP a");
    }

    @Test
    void passesAFinOnWhenTcpSendsItAgain() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .end(UP)
                .at(3_100)
                .apply("heal")
                .at(10_000);
        assertThat(link.arrivals()).containsExactly("6200 UP End");
    }

    @Test
    void losesAnAbortForEverUntilTheOtherSideSpeaksAfterTheHeal() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .send(UP, "never seen")
                .abort(UP)
                .at(5_000)
                .apply("heal")
                .at(900_000);
        assertThat(link.arrivals()).isEmpty();
        link.send(DOWN, "anybody there?");
        assertThat(link.arrivals()).containsExactly("900000 UP Abort");
    }

    @Test
    void whatTheOtherSideSentDuringTheCutIsAnsweredWithAnAbortWhenItIsSentAgain() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .abort(UP)
                .send(DOWN, "anybody there?")
                .at(5_000)
                .apply("heal")
                .at(60_000);
        assertThat(link.arrivals()).containsExactly("6200 UP Abort");
    }

    @Test
    void theAnswerToWhatReachedAnAbortedSideIsCutToo() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole-up")
                .abort(UP)
                .at(1_000)
                .send(DOWN, "anybody there?")
                .at(2_000)
                .apply("heal")
                .at(60_000);
        assertThat(link.arrivals()).containsExactly("2400 UP Abort");
    }

    @Test
    void anAbortAfterTheHealPassesAtOnceAndTakesWhatWasNotSentAgainWithIt() {
        VirtualLink link = new VirtualLink()
                .apply("blackhole")
                .send(UP, "a")
                .at(1_500)
                .apply("heal")
                .at(2_000)
                .abort(UP)
                .at(10_000);
        assertThat(link.arrivals()).containsExactly("2000 UP Abort");
    }

    @Test
    void anAbortThatIsUnderWayIsLostInTheCut() {
        VirtualLink link = new VirtualLink("delay 5s")
                .abort(UP)
                .at(1_000)
                .apply("blackhole")
                .at(9_000)
                .apply("heal")
                .at(60_000);
        assertThat(link.arrivals()).isEmpty();
        assertThat(link.link().hasVanished(UP)).isTrue();
    }

    @Test
    void aRequestThatNobodyReadDuringTheCutComesWithItsOwnRetransmission() {
        VirtualLink link = new VirtualLink()
                .at(1_000)
                .lostRequestSince(0)
                .send(UP, "GET /")
                .send(DOWN, "welcome")
                .at(10_000);
        assertThat(link.arrivals()).containsExactly("1000 DOWN welcome", "1400 UP GET /");
    }

    @Test
    void holdsABoundedNumberOfBytes() {
        VirtualLink link = new VirtualLink().apply("blackhole");
        int sent = 0;
        while (link.link().wantsBytes(UP)) {
            link.send(UP, "x".repeat(Flow.READ_BYTES));
            sent += Flow.READ_BYTES;
        }
        assertThat(sent).isEqualTo(Flow.HELD_BYTES);
        link.at(10_000).apply("heal").at(60_000);
        assertThat(link.received(UP)).hasSize(sent);
        assertThat(link.link().wantsBytes(UP)).isTrue();
    }
}
