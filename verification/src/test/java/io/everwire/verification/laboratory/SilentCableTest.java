package io.everwire.verification.laboratory;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Faults that nobody reports: only silence tells of them. */
@Execution(ExecutionMode.SAME_THREAD)
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
}
