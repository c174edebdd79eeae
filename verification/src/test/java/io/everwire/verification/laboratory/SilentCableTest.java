package io.everwire.verification.laboratory;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Faults that nobody reports: only silence tells of them. */
final class SilentCableTest {
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void bothEndsNoticeACableThatIsCutBothWays() {
        try (Trial trial = Trial.open("cut both ways", Pace.QUICK)) {
            long cut = trial.cable.cut();
            trial.expectBothDead(cut);
            trial.expectIdle(Duration.ofSeconds(2));
            trial.expectBack(cut, trial.cable.heal());
            trial.end();
        }
    }
}
