package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ResumePolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestoredAckTest {
    @Test
    void restoredOwnerTakesAnAckOfLessThanTheClientHasReceived() {
        SessionSettings settings = new SessionSettings(
                ResumePolicy.DEFAULT, 65_536, 0, SessionStore.Durability.PROCESS, new ReplayBudget(1 << 30));
        ServerResume<String> first = ServerResume.begin(Hellos.SID, settings, 0);
        first.begin(new Offer(0, 1, 1024, 1024, null), new byte[32], null, -1, null, 0);
        first.handleControl(1, new Control.Ack(0), 0);
        for (int i = 1; i <= 5; i++) {
            first.accept("m" + i, 2, 0);
            drain(first, 0);
        }
        // the client has received 5 and handled 3
        first.resume(
                2,
                new SessionStore.Positions(0, 5, 0),
                new Offer(0, 2, 1024, 1024, new Offer.Claim(Hellos.SID, 1, 5, 1, 1)),
                null,
                0);
        long committed = drain(first, 0);
        ServerResume<String> second = ServerResume.restore(
                Hellos.SID,
                settings,
                2,
                new SessionStore.Positions(0, 5, committed),
                List.of("m1", "m2", "m3", "m4", "m5").subList((int) committed, 5),
                new int[(int) (5 - committed)],
                0);
        second.resume(
                3,
                new SessionStore.Positions(0, 5, committed),
                new Offer(0, 3, 1024, 1024, new Offer.Claim(Hellos.SID, 2, 5, 1, 1)),
                null,
                0);
        second.handleControl(3, new Control.Ack(3), 0);
        List<ResumeOutput> outs = new ArrayList<>();
        for (ResumeOutput o = second.poll(); o != null; o = second.poll()) outs.add(o);
        assertThat(outs).noneMatch(o -> o instanceof ResumeOutput.Drop);
    }

    private static long drain(ServerResume<String> e, long acked) {
        for (ResumeOutput o = e.poll(); o != null; o = e.poll()) {
            if (o instanceof ResumeOutput.StoreWrite w) {
                if (w instanceof ResumeOutput.Commit c) acked = c.acknowledged();
                e.handleStored(w, SessionStore.Outcome.DONE, 0);
            }
        }
        while (e.pollData(e.connection()) != null) {}
        return acked;
    }
}
