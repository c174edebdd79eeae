package io.everwire.store.file;

import static io.everwire.store.file.Calls.NOW;
import static io.everwire.store.file.Calls.SID;
import static io.everwire.store.file.Calls.TTL;
import static io.everwire.store.file.Calls.append;
import static io.everwire.store.file.Calls.begin;
import static io.everwire.store.file.Calls.claim;
import static io.everwire.store.file.Calls.image;
import static io.everwire.store.file.Calls.open;
import static io.everwire.store.file.Calls.read;
import static io.everwire.store.file.Calls.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.LossReason;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Outcome;
import io.everwire.session.resume.SessionStore.Positions;
import io.everwire.session.resume.SessionStore.Tombstone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store says of its sessions after the machine was started anew, which only a power cut makes dangerous. */
class RebootTest {
    private static final Claim RESUMED = new Claim.Claimed(2, new Positions(3, 2, 1));
    private static final Claim RESTARTED = new Claim.Gone(new Tombstone(LossReason.RESTARTED, 3, NOW));

    @TempDir
    Path root;

    private Path writtenAndKilled(Durability durability, @Nullable String bootId) {
        try (FileStore store = open(root.resolve("store"), durability, bootId)) {
            write(store);
            return image(root.resolve("store"), root.resolve("image"));
        }
    }

    private static void write(FileStore store) {
        begin(store, SID);
        append(store, SID, 1, 1, "a", "b");
        result(store.commit(SID, 1, 3, 1));
    }

    private static Claim claimedOn(Path directory, Durability durability, @Nullable String bootId) {
        try (FileStore store = open(directory, durability, bootId)) {
            return claim(store, SID, 1);
        }
    }

    @Test
    void resumesAfterAKillOnTheSameBoot() {
        assertThat(claimedOn(writtenAndKilled(Durability.PROCESS, "one"), Durability.PROCESS, "one"))
                .isEqualTo(RESUMED);
    }

    @Test
    void doesNotResumeWhatTheKernelAloneHad() {
        assertThat(claimedOn(writtenAndKilled(Durability.PROCESS, "one"), Durability.PROCESS, "two"))
                .isEqualTo(RESTARTED);
    }

    @Test
    void doesNotResumeThoughTheNewOwnerWantsMore() {
        assertThat(claimedOn(writtenAndKilled(Durability.PROCESS, "one"), Durability.POWER, "two"))
                .isEqualTo(RESTARTED);
    }

    @Test
    void doesNotResumeWhereBootsCannotBeTold() {
        assertThat(claimedOn(writtenAndKilled(Durability.PROCESS, null), Durability.PROCESS, null))
                .isEqualTo(RESTARTED);
    }

    @Test
    void resumesWhatTheDiskHad() {
        assertThat(claimedOn(writtenAndKilled(Durability.POWER, "one"), Durability.PROCESS, "two"))
                .isEqualTo(RESUMED);
    }

    @Test
    void resumesWhatWasClosed() {
        Path directory = root.resolve("closed");
        try (FileStore store = open(directory, Durability.PROCESS, "one")) {
            write(store);
        }

        assertThat(claimedOn(directory, Durability.PROCESS, "two")).isEqualTo(RESUMED);
    }

    @Test
    void doubtsAsLongAsNobodyAsks() {
        Path directory = writtenAndKilled(Durability.PROCESS, "one");
        open(directory, Durability.PROCESS, "two").close();
        open(directory, Durability.POWER, "two").close();

        assertThat(claimedOn(directory, Durability.POWER, "two")).isEqualTo(RESTARTED);
        assertThat(claimedOn(directory, Durability.POWER, "two")).isEqualTo(RESTARTED);
    }

    @Test
    void fencesTheOwnersOfDoubtedSessions() {
        try (FileStore store = open(writtenAndKilled(Durability.PROCESS, "one"), Durability.PROCESS, "two")) {
            assertThat(append(store, SID, 1, 3, "c")).isEqualTo(Outcome.FENCED);
            assertThat(begin(store, SID)).isEqualTo(Outcome.FENCED);
            assertThat(result(store.renew(SID, 1, NOW, TTL))).isEqualTo(Outcome.FENCED);
        }
    }

    @Test
    void letsDoubtedSessionsExpireAndNewOnesLive() {
        Path directory = writtenAndKilled(Durability.PROCESS, "one");
        SessionId fresh = new SessionId(7, 2);
        try (FileStore store = open(directory, Durability.PROCESS, "two")) {
            assertThat(begin(store, fresh)).isEqualTo(Outcome.DONE);
            append(store, fresh, 1, 1, "x");
            assertThat(result(store.sweep(NOW + TTL - 1))).isZero();
            assertThat(result(store.renew(fresh, 1, NOW + TTL, TTL))).isEqualTo(Outcome.DONE);
            assertThat(result(store.sweep(NOW + TTL))).isEqualTo(1);
            image(directory, root.resolve("later"));
        }
        try (FileStore store = open(root.resolve("later"), Durability.PROCESS, "two")) {
            assertThat(claim(store, fresh, 1)).isEqualTo(new Claim.Claimed(2, new Positions(0, 1, 0)));
            assertThat(read(store, fresh, 2, 1)).containsExactly("x");
        }
    }

    @Test
    void opensWhenThePowerCutLeftHolesInTheEnd() throws IOException {
        Path directory;
        try (FileStore store = open(root.resolve("store"), Durability.PROCESS, "one")) {
            write(store);
            for (int i = 0; i < 20; i++) {
                append(store, SID, 1, 3 + i, "c");
            }
            directory = image(root.resolve("store"), root.resolve("image"));
        }
        byte[] journal = Files.readAllBytes(directory.resolve("journal"));
        // What was written first is lost, and what was written last is there.
        Arrays.fill(journal, journal.length - 300, journal.length - 200, (byte) 0);
        Files.write(directory.resolve("journal"), journal);

        Path sameBoot = image(directory, root.resolve("same"));
        assertThatThrownBy(() -> claimedOn(sameBoot, Durability.PROCESS, "one")).hasMessageContaining("is corrupt");
        assertThat(claimedOn(directory, Durability.PROCESS, "two")).isEqualTo(RESTARTED);
    }
}
