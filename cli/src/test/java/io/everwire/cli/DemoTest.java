package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemoTest {
    @ParameterizedTest
    @CsvSource({
        "--messages=50, '50 sent, 50 delivered once, 0 replayed, 0 lost'",
        "--no-sessions, '1000 sent, 1000 came back, 0 unknown, 0 lost'"
    })
    void ofAShortOutageSaysThatItWasNotNoticed(String option, String messages) {
        try (Run run = Run.of("demo", "--outage", "300ms", option)) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().text())
                    .contains("the cable is cut")
                    .contains("the network is back")
                    .contains("not noticed")
                    .contains(messages)
                    .doesNotContain("\u001b");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo --events=json", "demo --events=json --seed-profile"})
    void endsWithASummaryForScripts(String arguments) {
        try (Run run = Run.of((arguments + " --outage 200ms --messages 50").split(" "))) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().list().get(run.out().list().size() - 1))
                    .startsWith("{\"event\":\"summary\",\"sent\":50,\"received\":50,\"unknown\":0,\"lost\":0,"
                            + "\"serverDetectMs\":null,\"clientDetectMs\":null,\"outageMs\":")
                    .contains("\"recoverMs\":")
                    .contains("\"delivered\":50,\"replayed\":0,\"duplicated\":0")
                    .contains("\"noticed\":false")
                    .contains("\"ok\":true");
        }
    }

    @Test
    void countsInTheTableWhatWasReplayedAndWhatCameTwice() {
        assertThat(tableOf(new StoryMessages.Account(1_000, 1_000, 0, 0, 0, 1_000, 62, 0)))
                .contains("messages  1000 sent, 1000 delivered once, 62 replayed, 0 lost")
                .contains("✓ as promised");
        assertThat(tableOf(new StoryMessages.Account(1_000, 997, 1, 0, 2, 998, 62, 3)))
                .contains("messages  1000 sent, 998 delivered once, 62 replayed, 3 twice, 1 unknown, 2 lost")
                .contains("✗ not as promised: 2 messages got lost and nobody said so")
                .contains("✗ not as promised: 3 messages came twice");
    }

    private static String tableOf(StoryMessages.Account account) {
        StoryEnd.Verdict noticed = new StoryEnd.Verdict(1L, Duration.ofSeconds(7), false, true);
        StoryRecord.Times times = new StoryRecord.Times(0L, 8_000_000_000L, 8_200_000_000L, noticed, noticed, 0);
        StoryProfile profile = StoryProfile.keepingSessionsOver(Duration.ofSeconds(8));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LineWriter lines = LineWriter.forPeople(new PrintStream(out, false, StandardCharsets.UTF_8))) {
            new TextStoryTeller(lines, Paint.NONE, false).end(StoryResult.judge(profile, 0, times, account, null));
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
