package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Faults that the kernel reports, to one end or to both. */
@Execution(ExecutionMode.CONCURRENT)
final class LoudFaultTest {
    private static final Duration IDLE = Pace.lasting(1_500, 15_000);

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aResetEndsTheClientsConnectionAtOnceAndTheServerNoticesTheSilence() {
        try (Trial trial = Trial.open("4 RST to the sender", Pace.ofRun())) {
            long cut = trial.cable.resetTheClient();
            trial.expectClientErrorAtOnce(cut);
            trial.expectServerDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aResetThatOnlyTheServerSeesIsNoticedByTheClientAsSilence() {
        try (Trial trial = Trial.open("5 RST seen by the server only", Pace.ofRun())) {
            long cut = trial.cable.resetTheServerOnly();
            trial.expectServerErrorAtOnce(cut);
            trial.expectClientDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void anUnreachableHostFailsAnAttemptAtOnceAndIsTriedAgain() {
        try (Trial trial = Trial.open("7 ICMP on connect", Pace.ofRun())) {
            trial.cable.sayUnreachable();
            long cut = trial.cable.killSockets(Machine.CLI);
            trial.expectClientErrorAtOnce(cut);
            Event waiting = trial.client.await(
                    "waiting: NO_ROUTE",
                    Duration.ofSeconds(10),
                    event -> event.is("waiting") && event.text("reason").equals("NO_ROUTE"));
            trial.note("first attempt failed " + (waiting.epochMillis() - cut) + " ms after the loss");
            trial.expectServerDead(cut);
            trial.expectIdle(IDLE);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aClosedPortIsTriedEverMoreRarely() {
        try (Trial trial = Trial.open("7 port closed", Pace.ofRun())) {
            trial.cable.refuseNewConnections();
            long cut = trial.cable.killSockets(Machine.CLI);
            trial.expectClientErrorAtOnce(cut);
            trial.expectServerErrorAtOnce(cut);
            trial.expectIdle(IDLE);
            long heal = trial.cable.heal();
            trial.note(trial.client.since(cut, "waiting").size() + " attempts were refused");
            trial.expectBack(cut, heal);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void swallowedConnectsAreRacedWithinFourDescriptors() {
        try (Trial trial = Trial.open("8 SYN black hole", Pace.ofRun())) {
            int before = trial.client.vitals().descriptors();
            trial.cable.dropNewConnections();
            long cut = trial.cable.killSockets(Machine.CLI);
            trial.expectClientErrorAtOnce(cut);
            trial.expectIdle(Pace.lasting(4_000, 30_000));
            assertThat(trial.client.vitals().descriptors() - before)
                    .as(
                            "descriptors that are more than while connected: at most four probes in place of one connection")
                    .isLessThanOrEqualTo(3);
            // Until the first attempt's time is over nothing tells of a network that is gone: one SYN, repeated each
            // second.
            trial.expectBack(cut, trial.cable.heal(), 1_000);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aSocketKilledUnderTheClientEndsBothConnectionsAtOnce() {
        try (Trial trial = Trial.open("17 ss -K at the client", Pace.ofRun())) {
            long cut = trial.cable.killSockets(Machine.CLI);
            trial.expectClientErrorAtOnce(cut);
            trial.expectServerErrorAtOnce(cut);
            trial.expectBack(cut, cut);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aSocketKilledUnderTheServerEndsBothConnectionsAtOnce() {
        try (Trial trial = Trial.open("17 ss -K at the server", Pace.ofRun())) {
            long cut = trial.cable.killSockets(Machine.SRV);
            trial.expectServerErrorAtOnce(cut);
            trial.expectClientErrorAtOnce(cut);
            trial.expectBack(cut, cut);
            trial.end();
        }
    }
}
