package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The down-time that a client adds to an outage, ours and others' beside each other. */
final class OutageTest {
    private static final long SEED = 20;
    private static final Pace SHARP = new Pace(1_000, 500, 0);

    @Test
    @Tag("full")
    void addsAQuarterOfASecondToThirtyOutages() {
        Requirements.checkPython("autobahn", "python3-autobahn");
        Requirements.checkPython("websockets", "python3-websockets");
        int count = Integer.getInteger("everwire.outages", 30);
        int most = Integer.getInteger("everwire.outages.most", 40_000);
        try (Laboratory laboratory = Laboratory.open()) {
            Contestant ours = Contestant.ours(laboratory, "Everwire, 5 s / 2 s", 9000, Pace.ARTICLE, Pace.ARTICLE);
            Outages outages = new Outages(laboratory, Outages.results("outages.md"))
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
