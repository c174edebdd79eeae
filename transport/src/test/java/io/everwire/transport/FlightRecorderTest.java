package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.SessionEvent;
import org.junit.jupiter.api.Test;

class FlightRecorderTest {
    private final FlightRecorder recorder = new FlightRecorder();

    @Test
    void printsTheHeadingAloneBeforeAnythingHappened() {
        assertThat(recorder.explain("heading")).isEqualTo("heading\n");
    }

    @Test
    void printsEventsWithTimeAndEpochNewestLast() {
        recorder.add(new SessionEvent.Ready(1));
        recorder.add(new SessionEvent.Ready(2));

        assertThat(recorder.explain("heading").lines())
                .hasSize(3)
                .element(2)
                .asString()
                .matches("\\d{4}-\\d\\d-\\d\\dT\\S+Z {2}#2 {2}Ready\\[epoch=2]");
    }

    @Test
    void keepsTheLastTwoHundred() {
        for (int epoch = 1; epoch <= 300; epoch++) {
            recorder.add(new SessionEvent.Ready(epoch));
        }

        assertThat(recorder.explain("heading").lines())
                .hasSize(201)
                .anyMatch(line -> line.contains("#101 "))
                .noneMatch(line -> line.contains("#100 "));
    }
}
