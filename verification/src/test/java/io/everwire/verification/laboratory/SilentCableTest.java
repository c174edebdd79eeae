package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Faults that nobody reports: only silence tells of them. */
@Execution(ExecutionMode.CONCURRENT)
final class SilentCableTest {
    private static final Duration IDLE = Pace.lasting(1_500, 15_000);

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bothEndsNoticeACableThatIsCutUnderTraffic() {
        try (Trial trial = Trial.open("1 cut both ways, under traffic", Pace.ofRun())) {
            long cut = trial.cable.cut();
            trial.expectBothDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bothEndsNoticeACableThatIsCutWhileNothingIsSaid() {
        try (Trial trial = Trial.open("1 cut both ways, idle", Pace.ofRun().withBeat(0))) {
            long cut = trial.cable.cut();
            trial.expectBothDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bothEndsNoticeACutOnNio() {
        try (Trial trial = Trial.open("1 cut both ways, NIO", Pace.ofRun(), "-Deverwire.transport=nio")) {
            long cut = trial.cable.cut();
            trial.expectBothDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bothEndsNoticeThatTheServerHearsNothing() {
        try (Trial trial = Trial.open("2 client to server dropped", Pace.ofRun())) {
            long cut = trial.cable.cutTowardsServer();
            trial.expectBothDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bothEndsNoticeThatTheClientHearsNothing() {
        try (Trial trial = Trial.open("3 server to client dropped", Pace.ofRun())) {
            long cut = trial.cable.cutTowardsClient();
            trial.expectBothDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void anUnreachableHostIsNoErrorOfAnEstablishedConnection() {
        try (Trial trial = Trial.open("6 ICMP host unreachable, established", Pace.ofRun())) {
            long cut = trial.cable.sayUnreachable();
            trial.expectBothDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aPathThatSwallowsBigPacketsIsNoticedWhenSomethingBigIsSent() {
        try (Trial trial = Trial.open("14 PMTU black hole", Pace.ofRun())) {
            long begun = trial.cable.loseBig(200);
            trial.expectNoVerdict(begun, Pace.lasting(2_000, 15_000));
            trial.client.tell("big 100000");
            trial.expectBothDead(System.currentTimeMillis());
            trial.expectIdle(IDLE);
            // The request of the upgrade is big, too: an attempt is under way, and TCP repeats it ever more rarely.
            trial.expectBack(begun, trial.cable.heal(), 5_000);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aLinkThatIsDownForAMomentCostsNothing() {
        Pace pace = new Pace(2_000, 2_000, 200);
        try (Trial trial = Trial.open("18 link down for 0.4 s", pace)) {
            long down = trial.cable.takeDown(Machine.SRV);
            trial.letPass(Duration.ofMillis(400));
            trial.cable.heal();
            trial.expectSameConnection(down);
            trial.end();
        }
    }

    /** Longer than the kernel would repeat, which does so each second while the peer is suspect, and counts. */
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void nobodyIsGivenUpBeforeThePolicySaysSo() {
        Pace patient = new Pace(1_000, 20_000, 200);
        try (Trial trial = Trial.open("1 cut for 17 s, pings of 1 s and 20 s", patient)) {
            long cut = trial.cable.cut();
            trial.expectBothSuspect(cut);
            trial.letPass(Duration.ofSeconds(17));
            trial.cable.heal();
            trial.expectSameConnection(cut);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bothEndsNoticeALinkThatStaysDown() {
        try (Trial trial = Trial.open("18 link down", Pace.ofRun())) {
            long down = trial.cable.takeDown(Machine.SRV);
            trial.expectBothDead(down);
            trial.expectIdle(IDLE);
            trial.expectBack(down, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void addsLittleToShortOutages() {
        try (Laboratory laboratory = Laboratory.open()) {
            Pace sharp = new Pace(1_000, 500, 0);
            Contestant ours = Contestant.ours(laboratory, "Everwire, 5 s / 2 s", 9000, Pace.ARTICLE, Pace.ARTICLE);
            Contestant often = Contestant.ours(laboratory, "Everwire, 1 s / 0.5 s", 9001, sharp, sharp);
            List<Long> lengths = Outages.lengths(3, 1_000, 8_000, 20);
            new Outages(laboratory, Outages.results("outages-short.md"))
                    .with(ours)
                    .with(often)
                    .run(lengths, Duration.ofSeconds(10), 20);
            assertThat(List.of(ours.worstMillis(), often.worstMillis()))
                    .as("the worst added down-time, in ms")
                    .allSatisfy(worst -> assertThat(worst).isLessThanOrEqualTo(800 + Trial.SLACK));
        }
    }
}
