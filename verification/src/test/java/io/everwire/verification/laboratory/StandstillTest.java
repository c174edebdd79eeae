package io.everwire.verification.laboratory;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** One of the processes stands still, as in a long garbage collection or a suspended machine (SIGSTOP). */
@Execution(ExecutionMode.CONCURRENT)
final class StandstillTest {
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aClientThatStandsForAMomentIsForgiven() {
        stopTheClientBriefly();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aServerThatStandsForAMomentIsForgiven() {
        try (Trial trial = Trial.open("41 server stopped, 0.5 × pingTimeout", Pace.ofRun())) {
            long stop = trial.server.stop();
            trial.letPass(Duration.ofMillis(Pace.ofRun().timeoutMillis() / 2));
            trial.server.goOn();
            trial.expectSameConnection(stop);
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aClientThatStandsForTwoBoundsIsGivenUpAndComesBack() {
        stopTheClient(2);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aServerThatStandsForTwoBoundsIsGivenUpAndComeBackTo() {
        stopTheServer(2);
    }

    @Test
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void aClientThatStandsForFiveBoundsIsGivenUpAndComesBack() {
        stopTheClient(5);
    }

    @Test
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void aServerThatStandsForFiveBoundsIsGivenUpAndComeBackTo() {
        stopTheServer(5);
    }

    private static void stopTheClientBriefly() {
        try (Trial trial = Trial.open("41 client stopped, 0.5 × pingTimeout", Pace.ofRun())) {
            long stop = trial.client.stop();
            trial.letPass(Duration.ofMillis(Pace.ofRun().timeoutMillis() / 2));
            trial.client.goOn();
            trial.expectSameConnection(stop);
            trial.end();
        }
    }

    private static void stopTheClient(int bounds) {
        Pace pace = Pace.ofRun();
        try (Trial trial = Trial.open("41 client stopped, " + bounds + " × bound", pace)) {
            long stop = trial.client.stop();
            trial.expectServerDead(stop);
            trial.letPass(Duration.ofMillis(stop + bounds * pace.boundMillis() - System.currentTimeMillis()));
            long go = trial.client.goOn();
            trial.expectBack(stop, go);
            trial.end();
        }
    }

    private static void stopTheServer(int bounds) {
        Pace pace = Pace.ofRun();
        try (Trial trial = Trial.open("41 server stopped, " + bounds + " × bound", pace)) {
            long stop = trial.server.stop();
            trial.expectClientDead(stop);
            trial.letPass(Duration.ofMillis(stop + bounds * pace.boundMillis() - System.currentTimeMillis()));
            long go = trial.server.goOn();
            trial.expectBack(stop, go);
            trial.end();
        }
    }
}
