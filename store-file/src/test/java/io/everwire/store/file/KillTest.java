package io.everwire.store.file;

import static io.everwire.store.file.Calls.NOW;
import static io.everwire.store.file.Calls.TTL;
import static io.everwire.store.file.Calls.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Positions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that writes all the time is killed with {@code kill -9}; whatever it had reported as done is found. */
class KillTest {
    @TempDir
    Path directory;

    /** What a process reported of one session. */
    private static final class Reported {
        long sent;
        long acknowledged;
        long epoch = 1;
        boolean isEnded;

        void add(String what, long number) {
            switch (what) {
                case "created" -> {}
                case "sent" -> sent = number;
                case "acknowledged" -> acknowledged = number;
                case "claimed" -> epoch = number + 1;
                case "ended" -> isEnded = true;
                default -> throw new AssertionError(what);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"PROCESS, 20", "POWER, 5"})
    void losesNothingThatWasReportedAsDone(Durability durability, int kills) throws Exception {
        Random random = new Random(kills);
        for (int seed = 0; seed < kills; seed++) {
            int killed = seed;
            Map<Long, Reported> run = runAndKill(durability, killed, 1 + random.nextInt(12_000));
            try (FileStore store = FileStore.open(directory, durability)) {
                run.forEach((session, reported) -> check(store, killed, session, reported));
            }
        }
    }

    private Map<Long, Reported> runAndKill(Durability durability, int seed, int lines) throws Exception {
        Map<Long, Reported> run = new TreeMap<>();
        try (Child child = Child.start("write", directory.toString(), durability.name(), String.valueOf(seed))) {
            for (int i = 0; i < lines; i++) {
                add(run, child.line());
            }
            child.kill().forEach(line -> add(run, line));
        }
        return run;
    }

    private static void add(Map<Long, Reported> run, String line) {
        String[] words = line.split(" ", -1);
        // The last line of a killed process may be cut off, and what it was about was done all the same.
        if (words.length == 4 && (words[3].equals("DONE") || words[3].equals("Claimed"))) {
            run.computeIfAbsent(Long.valueOf(words[1]), key -> new Reported()).add(words[0], Long.parseLong(words[2]));
        } else {
            assertThat(words[0]).isNotEqualTo("failed");
        }
    }

    private static void check(FileStore store, long seed, long session, Reported reported) {
        SessionId sid = new SessionId(seed, session);
        Claim claim = result(store.claim(sid, Long.MAX_VALUE, NOW, TTL));
        String what = "session " + session + " of process " + seed;
        if (claim instanceof Claim.Claimed claimed) {
            Positions positions = claimed.positions();
            assertThat(reported.isEnded).as(what).isFalse();
            assertThat(claimed.epoch()).as(what).isGreaterThan(reported.epoch);
            assertThat(positions.sent()).as(what).isGreaterThanOrEqualTo(reported.sent);
            assertThat(positions.acknowledged()).as(what).isGreaterThanOrEqualTo(reported.acknowledged);
            List<Message> messages = result(store.read(sid, claimed.epoch(), positions.acknowledged() + 1));
            assertThat(messages).as(what).hasSize((int) (positions.sent() - positions.acknowledged()));
            for (int i = 0; i < messages.size(); i++) {
                assertThat(messages.get(i))
                        .as(what)
                        .isEqualTo(ChildProgram.message(seed, session, positions.acknowledged() + 1 + i));
            }
        } else {
            // It may have ended without a word of it; then its number is on the tombstone.
            assertThat(claim)
                    .as(what)
                    .isInstanceOfSatisfying(
                            Claim.Gone.class,
                            gone -> assertThat(gone.tombstone())
                                    .isNotNull()
                                    .matches(tombstone -> tombstone.received() == session));
        }
    }
}
