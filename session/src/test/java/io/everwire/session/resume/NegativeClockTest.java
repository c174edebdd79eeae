package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.everwire.ResumePolicy;
import org.junit.jupiter.api.Test;

class NegativeClockTest {
    @Test
    void beatsWhenTheClockIsBelowZero() {
        SessionSettings settings = new SessionSettings(
                ResumePolicy.DEFAULT, 65_536, 0, SessionStore.Durability.MEMORY, new ReplayBudget(1 << 30));
        long now = -1_000_000_000_000L;
        ServerResume<String> e = ServerResume.begin(Hellos.SID, settings, now);
        e.begin(new Offer(1, 1, 1024, 1024, null), new byte[32], null, -1, null, now);
        e.handleControl(1, new Control.Ack(0), now);
        assertThatCode(() -> e.handleDeadline(e.deadlineNanos())).doesNotThrowAnyException();
    }
}
