package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ResumePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A store that fails a renewal forgets the session sooner than its client was promised. */
class RenewalTest {
    private static final long MILLI = 1_000_000;
    private static final ResumePolicy POLICY = ResumePolicy.DEFAULT.withTimeToLive(Duration.ofSeconds(60));

    private final ServerResume<String> server = ServerResume.begin(
            Hellos.SID,
            new SessionSettings(POLICY, 65_536, 0, SessionStore.Durability.PROCESS, new ReplayBudget(1 << 20)),
            0);
    private long now;

    private List<ResumeOutput.Renew> renewals() {
        List<ResumeOutput.Renew> renewals = new ArrayList<>();
        for (ResumeOutput output = server.poll(); output != null; output = server.poll()) {
            if (output instanceof ResumeOutput.Renew renew) {
                renewals.add(renew);
            }
        }
        return renewals;
    }

    private void passUntil(long deadline) {
        now = deadline;
        server.handleDeadline(now);
    }

    private void begin() {
        server.begin(new Offer(0, 1, 64, 64, null), new byte[32], null, -1, null, now);
        server.handleControl(1, new Control.Ack(0), now);
        renewals();
    }

    @Test
    void isRepeatedUntilTheStoreHasTakenIt() {
        begin();
        server.handleDetached(1, now);
        ResumeOutput.Renew failed = renewals().get(0);
        for (int i = 0; i < 10; i++) {
            server.handleStored(failed, null, now);
            assertThat(server.deadlineNanos()).isEqualTo(now + 200 * MILLI);
            passUntil(server.deadlineNanos());
            assertThat(renewals()).containsExactly(failed);
        }
        server.handleStored(failed, SessionStore.Outcome.DONE, now);
        passUntil(now + 10_000 * MILLI);
        assertThat(renewals()).isEmpty();
    }

    @Test
    void isNotRepeatedWhenAClaimHasRenewedTheSession() {
        begin();
        server.handleDetached(1, now);
        server.handleStored(renewals().get(0), null, now);
        Offer claim = new Offer(0, 1, 64, 64, new Offer.Claim(Hellos.SID, 1, 0, 1, 1));
        SessionStore.Positions nothing = new SessionStore.Positions(0, 0, 0);
        assertThat(server.resume(2, nothing, claim, null, now)).isEqualTo(Attachment.DONE);
        passUntil(now + 10_000 * MILLI);
        assertThat(renewals()).isEmpty();
    }
}
