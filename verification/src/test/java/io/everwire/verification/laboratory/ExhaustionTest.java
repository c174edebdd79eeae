package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A machine that has run out of something: descriptors, ports, places in the accept queue. */
@Execution(ExecutionMode.CONCURRENT)
final class ExhaustionTest {
    private static final Duration IDLE = Pace.lasting(2_500, 15_000);

    /** An attempt that the server has no descriptor for waits until its time is over. */
    private static final int ATTEMPT_MILLIS = 5_000;

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aServerWithoutDescriptorsWaitsAndServesAgain() {
        try (Trial trial = Trial.open("44 server out of descriptors", Pace.ofRun())) {
            trial.server.limitDescriptors(trial.server.vitals().descriptors() - 1);
            long cut = trial.cable.killSockets(Machine.SRV);
            trial.expectServerErrorAtOnce(cut);
            trial.expectClientErrorAtOnce(cut);
            Program hoarder = Hoarder.start(trial.laboratory, 20);
            trial.expectIdle(IDLE);
            assertThat(trial.client.since(cut, "ready"))
                    .as("connections without a descriptor")
                    .isEmpty();
            long relief = System.currentTimeMillis();
            hoarder.close();
            trial.server.limitDescriptors(4_096);
            trial.expectBack(cut, relief, ATTEMPT_MILLIS);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aClientWithoutDescriptorsWaitsAndDialsAgain() {
        try (Trial trial = Trial.open("44 client out of descriptors", Pace.ofRun())) {
            trial.client.limitDescriptors(trial.client.vitals().descriptors() - 1);
            long cut = trial.cable.killSockets(Machine.CLI);
            trial.expectClientErrorAtOnce(cut);
            trial.expectServerErrorAtOnce(cut);
            trial.expectIdle(IDLE);
            long relief = System.currentTimeMillis();
            trial.client.limitDescriptors(4_096);
            trial.expectBack(cut, relief);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aClientWithoutPortsWaitsAndDialsAgain() {
        try (Trial trial = Trial.open("44 client out of ports", Pace.ofRun())) {
            trial.cable.narrowPorts();
            Program hoarder = Hoarder.start(trial.laboratory, 2);
            long cut = trial.cable.killSocketsOfOtherPorts();
            trial.expectClientErrorAtOnce(cut);
            trial.expectServerErrorAtOnce(cut);
            trial.expectIdle(IDLE);
            hoarder.close();
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aFullAcceptQueueIsWaitedFor() {
        try (Trial trial = Trial.open(
                "44 accept queue full",
                Pace.ofRun(),
                laboratory -> laboratory.run(Machine.SRV, "sysctl", "-q", "-w", "net.core.somaxconn=4"))) {
            long stop = trial.server.stop();
            Program hoarder = Hoarder.start(trial.laboratory, 20);
            trial.expectClientDead(stop);
            trial.expectIdle(IDLE);
            hoarder.close();
            long go = trial.server.goOn();
            trial.expectBack(stop, go, ATTEMPT_MILLIS);
            trial.end();
        }
    }
}
