package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DemoTest {
    @Test
    void ofAShortOutageSaysThatItWasNotNoticed() {
        try (Run run = Run.of("demo", "--outage", "300ms", "--messages", "50")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().text())
                    .contains("the cable is cut")
                    .contains("the network is back")
                    .contains("not noticed")
                    .contains("50 sent, 50 came back, 0 unknown, 0 lost")
                    .doesNotContain("\u001b");
        }
    }

    @Test
    void endsWithASummaryForScripts() {
        try (Run run = Run.of("demo", "--outage", "200ms", "--messages", "50", "--seed-profile", "--events", "json")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().list().get(run.out().list().size() - 1))
                    .startsWith("{\"event\":\"summary\",\"sent\":50,\"received\":50,\"unknown\":0,\"lost\":0,"
                            + "\"serverDetectMs\":null,\"clientDetectMs\":null,\"outageMs\":")
                    .contains("\"recoverMs\":")
                    .contains("\"noticed\":false")
                    .contains("\"ok\":true");
        }
    }
}
