package io.everwire.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "blackhole",
                "blackhole-up",
                "blackhole-down",
                "reset",
                "refuse",
                "accept-then-close",
                "mute-upgrade",
                "delay 200ms",
                "delay 200ms jitter 50ms",
                "delay 0s jitter 1.5us",
                "delay 1h",
                "rate 64kbit",
                "rate 9bit",
                "slice 1",
                "cut-after 1000",
                "cut-after 1000 up",
                "cut-after 1000 down silent",
                "cut-after 1000 silent",
                "heal"
            })
    void isWrittenAsItIsRead(String text) {
        assertThat(Fault.parse(text)).hasToString(text);
        assertThat(Fault.parse(text).word()).isEqualTo(text.split(" ", 2)[0]);
    }

    @Test
    void readsWhatTheWordsSay() {
        assertThat(Fault.parse("  blackhole-up ")).isEqualTo(new Blackhole(true, false));
        assertThat(Fault.parse("delay 0.2s\tjitter 50ms"))
                .isEqualTo(new Delay(Duration.ofMillis(200), Duration.ofMillis(50)));
        assertThat(Fault.parse("rate 1.5mbit")).isEqualTo(new Rate(1_500_000));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                       | there is no fault here; the known ones are blackhole, blackhole-up, blackhole-down, reset, refuse, accept-then-close, mute-upgrade, delay, rate, slice, cut-after, heal
                    blakhole                 | "blakhole" is not a fault; the known ones are blackhole, blackhole-up, blackhole-down, reset, refuse, accept-then-close, mute-upgrade, delay, rate, slice, cut-after, heal
                    heal now                 | "now" is one word too many after "heal"; write "heal"
                    rate                     | rate needs an argument; write "rate 64kbit"
                    delay 200                | "200" is not a duration; write a number and one of us, ms, s, m, h, as in 200ms
                    delay 2s shaken 1s       | "shaken" is unknown after a delay; only jitter may follow, as in "delay 200ms jitter 50ms"
                    delay 2s jitter          | delay needs an argument; write "delay 200ms jitter 50ms"
                    delay 2h                 | a delay of 2h is outside 0s to 1h
                    delay 9999999h           | "9999999h" is longer than a year
                    rate 64kb                | "64kb" is not a rate; write a number and one of bit, kbit, mbit, gbit, as in 64kbit
                    rate 1bit                | a rate of 1 bit per second is outside 8bit to 1000gbit
                    slice 0                  | a slice of 0 bytes is too small; 1 is the least
                    slice -1                 | "-1" is not a number of bytes; write digits only, as in 1000
                    cut-after 0              | a cut after 0 bytes is too early; 1 is the least
                    cut-after 9 silent up    | "up" is one word too many after "cut-after 9 silent"; write "cut-after 1000 down silent"
                    """)
    void saysWhichWordIsWrong(String text, String sentence) {
        assertThatThrownBy(() -> Fault.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence);
    }

    @Test
    void aBlackholeCutsSomething() {
        assertThatThrownBy(() -> new Blackhole(false, false))
                .hasMessage("a blackhole cuts at least one direction; heal cuts none");
    }

    @Test
    void ofTwoActiveFaultsOfOneKindTheLaterCounts() {
        ActiveFaults faults = ActiveFaults.NONE
                .with(Fault.parse("delay 1s"))
                .with(Fault.parse("rate 8kbit"))
                .with(Fault.parse("delay 2s"));
        assertThat(faults.list()).containsExactly(Fault.parse("rate 8kbit"), Fault.parse("delay 2s"));
    }

    @Test
    void twoHalfBlackholesAreAWholeOne() {
        ActiveFaults faults = ActiveFaults.NONE.with(Blackhole.UP).with(Blackhole.DOWN);
        assertThat(faults.cuts(Direction.UP)).isTrue();
        assertThat(faults.cuts(Direction.DOWN)).isTrue();
    }

    @Test
    void resetIsOverAtOnceAndHealEndsEverything() {
        ActiveFaults faults = ActiveFaults.NONE.with(new Refuse()).with(new Reset());
        assertThat(faults.list()).containsExactly(new Refuse());
        assertThat(faults.with(new Heal())).isEqualTo(ActiveFaults.NONE);
    }
}
