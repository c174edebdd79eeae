package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links that are bad and alive: nobody may be given up. */
@Execution(ExecutionMode.CONCURRENT)
final class SlowCableTest {
    /** For the short forms: pings often, and has the patience that a repeated packet needs. */
    private static final Pace PATIENT = new Pace(1_000, 3_000, 200);

    /** With room for the number before it: 1 MiB is the default limit of a message. */
    private static final int A_MEBIBYTE = (1 << 20) - 64;

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void someLossCostsNoConnection() {
        try (Trial trial = Trial.open("9 loss of 10 %", PATIENT)) {
            long begun = trial.cable.lose(0.10);
            trial.expectNoVerdict(begun, Duration.ofSeconds(6));
            trial.cable.heal();
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void regularLossCostsNoConnection() {
        // What TCP repeats may be every fifth packet again, and again: with 8 s, six times in a row.
        Pace pace = Pace.IS_FULL ? Pace.DEFAULTS : new Pace(1_000, 8_000, 200);
        try (Trial trial = Trial.open("10 every fifth packet lost", pace)) {
            long begun = trial.cable.loseEvery(5);
            trial.expectNoVerdict(begun, Pace.lasting(12_000, 60_000));
            trial.cable.heal();
            trial.end();
        }
    }

    @ParameterizedTest(name = "loss of {0} %")
    @ValueSource(ints = {1, 5, 10, 20, 29})
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void lossBelowThirtyPercentCostsNoConnection(int percent) {
        try (Trial trial = Trial.open("9 loss of " + percent + " %", Pace.DEFAULTS)) {
            long begun = trial.cable.lose(percent / 100.0);
            trial.expectNoVerdict(begun, Duration.ofSeconds(90));
            trial.cable.heal();
            trial.end();
        }
    }

    @ParameterizedTest(name = "loss of {0} %")
    @ValueSource(ints = {40, 50, 60})
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void heavyLossCostsAConnectionNowAndThenAndNoMessageUnsaid(int percent) {
        try (Trial trial = Trial.open("9 loss of " + percent + " %", Pace.DEFAULTS)) {
            long begun = trial.cable.lose(percent / 100.0);
            trial.letPass(Duration.ofSeconds(90));
            int lost = trial.client.since(begun, "lost").size();
            trial.note(lost + " connections lost in 90 s");
            assertThat(lost)
                    .as("connections lost in 90 s: none before it has had its 10 s")
                    .isLessThan(9);
            trial.cable.heal();
            trial.end();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bigMessagesOnANarrowLinkCostNoConnectionAndACutDuringOneIsNoticed() {
        narrow("11 400 kbit/s, 200 kB both ways", new Pace(1_000, 4_000, 0), 400, 200_000, Duration.ofSeconds(5));
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bigMessagesOnANarrowLinkCostNoConnectionOnNio() {
        narrow(
                "11 400 kbit/s, 200 kB both ways, NIO",
                new Pace(1_000, 4_000, 0),
                400,
                200_000,
                Duration.ofSeconds(5),
                "-Deverwire.transport=nio");
    }

    @ParameterizedTest(name = "{0} kbit/s")
    @ValueSource(ints = {64, 128, 400})
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void aMebibyteOnANarrowLinkCostsNoConnection(int kilobits) {
        narrow(
                "11 " + kilobits + " kbit/s, 1 MiB both ways",
                Pace.DEFAULTS,
                kilobits,
                A_MEBIBYTE,
                Duration.ofSeconds(9_600 / kilobits));
    }

    @Test
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void aMebibyteOnANarrowLinkCostsNoConnectionOnNio() {
        narrow(
                "11 64 kbit/s, 1 MiB both ways, NIO",
                Pace.DEFAULTS,
                64,
                A_MEBIBYTE,
                Duration.ofSeconds(150),
                "-Deverwire.transport=nio");
    }

    /** What is below the promise is only looked at. */
    @ParameterizedTest(name = "{0} kbit/s")
    @ValueSource(ints = {8, 16, 32})
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void aMebibyteOnAThreadIsToldHonestly(int kilobits) {
        observe("11 " + kilobits + " kbit/s, 1 MiB up", Pace.DEFAULTS, kilobits);
    }

    @Test
    @Tag("full")
    @Execution(ExecutionMode.CONCURRENT)
    void theArticlesPaceOnANarrowLinkIsToldHonestly() {
        observe("11 64 kbit/s, 1 MiB up, pings 5 s / 2 s", Pace.ARTICLE, 64);
    }

    private static void observe(String name, Pace pace, int kilobits) {
        try (Trial trial = Trial.open(name, pace)) {
            long begun = trial.cable.narrow(kilobits);
            trial.client.tell("big " + A_MEBIBYTE);
            trial.letPass(Duration.ofMinutes(2));
            trial.note(trial.client.since(begun, "lost").size() + " connections lost in 120 s");
            trial.cable.heal();
            trial.end();
        }
    }

    private static void narrow(String name, Pace pace, int kilobits, int messageBytes, Duration time, String... extra) {
        try (Trial trial = Trial.open(name, pace, extra)) {
            long begun = trial.cable.narrow(kilobits);
            trial.client.tell("big " + messageBytes);
            trial.server.tell("big " + messageBytes);
            trial.expectNoVerdict(begun, time);
            trial.server.await(begun, time.plusSeconds(10), "big");
            trial.client.await(begun, time.plusSeconds(10), "big");
            trial.expectNoVerdict(begun, Duration.ZERO);
            trial.client.tell("big " + messageBytes);
            trial.server.tell("big " + messageBytes);
            trial.letPass(Duration.ofSeconds(1));
            long cut = trial.cable.cutNarrow();
            trial.expectBothDead(cut);
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }
}
