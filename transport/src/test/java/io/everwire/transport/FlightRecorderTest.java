package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Failure;
import io.everwire.SessionEvent;
import java.time.Duration;
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

    private static SessionEvent.Lost lost(int epoch, String why) {
        return new SessionEvent.Lost(
                epoch, Failure.of(Failure.Kind.CONNECTION_LOST, why), new SessionEvent.Gap(epoch, Duration.ZERO, 0));
    }

    @Test
    void tellsTheWholeOutageThoughItsEventsWereTooMany() {
        recorder.add(new SessionEvent.Connecting(0, 1));
        recorder.add(new SessionEvent.Ready(1));
        recorder.add(lost(1, "reset"));
        Failure refused = Failure.of(Failure.Kind.REFUSED, "refused");
        for (int attempt = 1; attempt <= 300; attempt++) {
            recorder.addDial();
            recorder.addDialFailed(Failure.of(Failure.Kind.REFUSED, "refused"));
            recorder.add(new SessionEvent.Waiting(1, attempt, Duration.ofSeconds(1), refused));
        }

        assertThat(recorder.explain("heading").lines().limit(12))
                .startsWith("heading", "the last outage:")
                .anyMatch(line -> line.contains("connection 1, connection-lost"))
                .anyMatch(line -> line.contains("300 times: 0 without an answer, 300 failed"))
                .anyMatch(line -> line.contains("not connected for "));
    }

    @Test
    void tellsOfTheLastOutageOnlyAndOfNoLossBeforeReadyAsOne() {
        recorder.add(new SessionEvent.Connecting(0, 1));
        recorder.add(new SessionEvent.Ready(1));
        recorder.add(lost(1, "the first"));
        recorder.add(new SessionEvent.Ready(2));
        recorder.add(lost(2, "the second"));
        recorder.add(lost(3, "the third"));

        assertThat(recorder.explain("heading").lines().limit(9))
                .anyMatch(line -> line.endsWith("because   the second"))
                .anyMatch(line -> line.contains("1 time lost again before ready"))
                .noneMatch(line -> line.contains("the first"));
    }
}
