package io.everwire.store.file;

import static io.everwire.store.file.Calls.NOW;
import static io.everwire.store.file.Calls.SID;
import static io.everwire.store.file.Calls.TTL;
import static io.everwire.store.file.Calls.begin;
import static io.everwire.store.file.Calls.claim;
import static io.everwire.store.file.Calls.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Outcome;
import io.everwire.session.resume.SessionStore.Positions;
import io.everwire.session.resume.SessionStore.Tombstone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal is as large as what is kept, and not as what was ever written. */
class JournalSizeTest {
    private static final int MESSAGES = 100_000;
    private static final int WINDOW = 1_000;
    /** The journal is written anew from 4 MiB on, and what is written at once may come on top. */
    private static final long MOST_BYTES = (4 << 20) + (2 << 20);

    @TempDir
    Path root;

    @Test
    void doesNotGrowWithTheMessagesThatPassThroughAWindow() throws IOException {
        Path journal = root.resolve("journal");
        try (FileStore store = FileStore.open(root)) {
            SessionId idle = new SessionId(7, 2);
            SessionId ended = new SessionId(7, 3);
            begin(store, idle);
            result(store.append(idle, 1, 1, List.of(message(-1))));
            begin(store, ended);
            result(store.end(ended, 1, new Tombstone(LossReason.ENDED, 5, NOW)));
            begin(store, SID);
            for (int first = 1; first <= MESSAGES; first += WINDOW) {
                List<CompletionStage<Outcome>> stages = new ArrayList<>();
                for (int number = first; number < first + WINDOW; number++) {
                    stages.add(store.append(SID, 1, number, List.of(message(number))));
                    stages.add(store.commit(SID, 1, number, Math.max(0, number - WINDOW)));
                }
                assertThat(stages).allMatch(stage -> result(stage) == Outcome.DONE);
                assertThat(Files.size(journal)).isLessThan(MOST_BYTES);
            }
            assertThat(result(store.read(idle, 1, 1))).containsExactly(message(-1));
        }

        try (FileStore store = FileStore.open(root)) {
            assertThat(Files.size(journal)).isLessThan(MOST_BYTES);
            assertThat(claim(store, SID, 1))
                    .isEqualTo(new Claim.Claimed(2, new Positions(MESSAGES, MESSAGES, MESSAGES - WINDOW)));
            List<Message> kept = result(store.read(SID, 2, MESSAGES - WINDOW + 1));
            assertThat(kept).hasSize(WINDOW);
            for (int i = 0; i < WINDOW; i++) {
                assertThat(kept.get(i)).isEqualTo(message(MESSAGES - WINDOW + 1 + i));
            }
            assertThat(result(store.read(new SessionId(7, 2), 1, 1))).containsExactly(message(-1));
            assertThat(claim(store, new SessionId(7, 3), 1))
                    .isEqualTo(new Claim.Gone(new Tombstone(LossReason.ENDED, 5, NOW)));
        }
    }

    @Test
    void doesNotGrowWithRenewals() throws IOException {
        try (FileStore store = FileStore.open(root)) {
            begin(store, SID);
            CompletionStage<Outcome> last = store.renew(SID, 1, NOW, TTL);
            for (int i = 0; i < 3 * MESSAGES; i++) {
                last = store.renew(SID, 1, NOW + i, TTL);
            }
            assertThat(result(last)).isEqualTo(Outcome.DONE);
            // The last stage completes before the journal is written anew, and the next after.
            result(store.renew(SID, 1, NOW, TTL));
        }
        assertThat(Files.size(root.resolve("journal"))).isLessThan(MOST_BYTES);
    }

    private static Message message(long number) {
        return Message.text("message " + number + " ".repeat(200));
    }
}
