package io.everwire.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

    @Test
    void readsStepsAndIgnoresCommentsAndEmptyLines() {
        FaultPlan plan = FaultPlan.parse("""
                # the cable is out for six seconds

                +2s blackhole   # here
                  +8s heal
                +8s delay 200ms jitter 50ms
                """);
        assertThat(plan.steps())
                .containsExactly(
                        new FaultPlan.Step(Duration.ofSeconds(2), Blackhole.BOTH),
                        new FaultPlan.Step(Duration.ofSeconds(8), new Heal()),
                        new FaultPlan.Step(
                                Duration.ofSeconds(8), new Delay(Duration.ofMillis(200), Duration.ofMillis(50))));
    }

    @Test
    void isWrittenAsItIsRead() {
        String text = "+0s rate 64kbit\n+1500ms heal";
        assertThat(FaultPlan.parse(text)).hasToString(text);
        assertThat(FaultPlan.parse(text.replace("\n", "\r\n"))).hasToString(text);
    }

    @Test
    void anEmptyTextIsAPlanInWhichNothingHappens() {
        assertThat(FaultPlan.parse("").steps()).isEmpty();
    }

    @Test
    void saysWhichLineIsWrong() {
        assertWrong("+1s heal\n\n+2s blakhole", "line 3: \"blakhole\" is not a fault; the known ones are blackhole, ");
        assertWrong("2s heal", "line 1: \"2s\" is not a time; a line begins with one, as in \"+2s blackhole\"");
        assertWrong("+2 heal", "line 1: \"2\" is not a duration; write a number and one of us, ms, s, m, h");
        assertWrong("+2s", "line 1: there is no fault here; the known ones are blackhole, ");
        assertWrong("+8s blackhole\n+2s heal", "line 2: +2s comes after +8s; times count from the start of the plan");
    }

    @Test
    void refusesStepsOutOfOrder() {
        FaultPlan.Step late = new FaultPlan.Step(Duration.ofSeconds(2), new Heal());
        FaultPlan.Step early = new FaultPlan.Step(Duration.ofSeconds(1), new Heal());
        assertThatThrownBy(() -> new FaultPlan(List.of(late, early))).hasMessageStartingWith("+1s comes after +2s");
        assertThatThrownBy(() -> new FaultPlan.Step(Duration.ofSeconds(-1), new Heal()))
                .hasMessage("a step cannot be 1s before the start of its plan");
    }

    private static void assertWrong(String text, String sentence) {
        assertThatThrownBy(() -> FaultPlan.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(sentence);
    }
}
