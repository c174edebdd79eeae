package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.everwire.ResumePolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RacingRestoresTest {
    private final MemoryStore store = new MemoryStore(new byte[32]);
    private final ServerKeys keys = ServerKeys.of(store.serverKey());
    private final ReplayBudget budget = new ReplayBudget(1 << 20);
    private final SessionId sid = keys.newId(new byte[15]);
    private final SessionDesk<Message> desk = new SessionDesk<>(
            keys,
            store,
            new SessionSettings(ResumePolicy.DEFAULT, 65_536, 0, SessionStore.Durability.PROCESS, budget),
            new LateHouse(),
            () -> new byte[15]);

    /** Knows who lives here only when somebody wants to move in, as when two claims read the store at once. */
    private static final class LateHouse implements SessionDesk.House<Message> {
        private SessionDesk.@Nullable Resident<Message> resident;

        @Override
        public SessionDesk.@Nullable Resident<Message> find(SessionId sid) {
            return null;
        }

        @Override
        public SessionDesk.Resident<Message> house(ServerResume<Message> engine) {
            if (resident == null) {
                resident = new SessionDesk.Resident<>() {
                    @Override
                    public void run(Runnable work) {
                        work.run();
                    }

                    @Override
                    public ServerResume<Message> engine() {
                        return engine;
                    }
                };
            }
            return resident;
        }

        @Override
        public void forget(SessionId sid, SessionDesk.Resident<Message> resident) {}

        @Override
        public Message restored(Message message) {
            return message;
        }

        @Override
        public long nowNanos() {
            return 0;
        }

        @Override
        public long nowMillis() {
            return 0;
        }
    }

    @Test
    void takeTheBudgetOnlyOnce() {
        store.create(sid, 0, 100_000);
        store.append(sid, 1, 1, List.of(Message.text("kept")));

        claim(1);
        assertThat(budget.takenBytes()).isEqualTo(ReplayBuffer.costOf(4));
        claim(2);
        assertThat(budget.takenBytes()).isEqualTo(ReplayBuffer.costOf(4));
    }

    private void claim(long attempt) {
        Offer offer = new Offer(0, attempt, 64, 64, new Offer.Claim(sid, attempt, 0, 1, 1))
                .sign(keys.secretFor(sid, ""), "/", List.of());
        desk.open(new SessionDesk.Arrival(offer, "", "/", List.of(), null), (resident, connection) -> {});
    }
}
