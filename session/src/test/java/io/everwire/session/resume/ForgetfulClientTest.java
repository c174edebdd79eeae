package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ResumePolicy;
import org.junit.jupiter.api.Test;

/** A client, or a clone of it, that claims to have received less than it has said before. */
class ForgetfulClientTest {
    private static final SessionStore.Positions NOTHING = new SessionStore.Positions(0, 0, 0);

    @Test
    void isNotSentWhatWasGivenUpForSending() {
        SessionSettings settings = new SessionSettings(
                ResumePolicy.DEFAULT, 65_536, 0, SessionStore.Durability.MEMORY, new ReplayBudget(1 << 20));
        ServerResume<String> server = ServerResume.begin(Hellos.SID, settings, 0);
        server.begin(new Offer(0, 1, 64, 64, null), new byte[32], null, -1, null, 0);
        server.handleControl(1, new Control.Ack(0), 0);
        server.accept("one", 3, 0);
        server.accept("two", 3, 0);
        while (server.hasData(1)) {
            server.pollData(1);
        }

        // It has received both and handled none: both are forgotten here, and charged to its window.
        assertThat(server.resume(2, NOTHING, claim(1, 2), null, 0)).isEqualTo(Attachment.DONE);
        assertThat(server.resume(3, NOTHING, claim(2, 1), null, 0)).isEqualTo(Attachment.DESYNC);
    }

    private static Offer claim(long attempt, long received) {
        return new Offer(0, attempt, 64, 64, new Offer.Claim(Hellos.SID, attempt, received, 1, 1));
    }
}
