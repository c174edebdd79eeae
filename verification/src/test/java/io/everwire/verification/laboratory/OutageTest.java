package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The down-time that a client adds to an outage, ours and others' beside each other. */
final class OutageTest {
    private static final long SEED = 20;
    private static final Pace SHARP = new Pace(1_000, 500, 0);

    private static Results results(String file) {
        return new Results(file, "# Added down-time", "client and server", "median", "worst", "mean");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void comesBackSoonAfterShortOutages() {
        try (Laboratory laboratory = Laboratory.open()) {
            Contestant ours = Contestant.ours(laboratory, "Everwire, 5 s / 2 s", 9000, Pace.ARTICLE, Pace.ARTICLE);
            Contestant sharp = Contestant.ours(laboratory, "Everwire, 1 s / 0.5 s", 9001, SHARP, SHARP);
            List<Long> lengths = Outages.lengths(3, 1_000, 8_000, SEED);
            new Outages(laboratory, results("outages-short.md"))
                    .with(ours)
                    .with(sharp)
                    .run(lengths, Duration.ofSeconds(10), SEED);
            assertThat(List.of(ours.worstMillis(), sharp.worstMillis()))
                    .as("the worst added down-time, in ms")
                    .allSatisfy(worst -> assertThat(worst).isLessThanOrEqualTo(800 + Trial.SLACK));
        }
    }

    @Test
    @Tag("full")
    void addsAQuarterOfASecondToThirtyOutages() {
        Requirements.checkPython("autobahn", "python3-autobahn");
        Requirements.checkPython("websockets", "python3-websockets");
        int count = Integer.getInteger("everwire.outages", 30);
        int most = Integer.getInteger("everwire.outages.most", 40_000);
        try (Laboratory laboratory = Laboratory.open()) {
            Contestant ours = Contestant.ours(laboratory, "Everwire, 5 s / 2 s", 9000, Pace.ARTICLE, Pace.ARTICLE);
            Outages outages = new Outages(laboratory, results("outages.md"))
                    .with(ours)
                    .with(Contestant.ours(laboratory, "Everwire, 1 s / 0.5 s", 9001, SHARP, SHARP))
                    .with(Contestant.ours(
                            laboratory,
                            "Everwire, as `serve` (5 s / 2 s) and `connect` (15 s / 10 s) ship",
                            9002,
                            Pace.ARTICLE,
                            Pace.DEFAULTS));
            if (!Boolean.getBoolean("everwire.outages.alone")) {
                outages.with(Contestant.autobahn(laboratory, 9003))
                        .with(Contestant.websockets(laboratory, 9004, 5, 2))
                        .with(Contestant.websockets(laboratory, 9005, 20, 20));
            }
            outages.run(Outages.lengths(count, 1_000, most, SEED), Duration.ofSeconds(45), SEED);
            assertThat(ours.medianMillis()).as("median, in ms").isLessThanOrEqualTo(250);
            assertThat(ours.worstMillis()).as("worst, in ms").isLessThanOrEqualTo(800);
        }
    }
}
