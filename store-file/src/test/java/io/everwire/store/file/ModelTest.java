package io.everwire.store.file;

import static io.everwire.store.file.Calls.image;
import static io.everwire.store.file.Calls.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.session.resume.MemoryStore;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Tombstone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random calls, sensible or not: a store on disk answers as one in memory does, though it is killed now and then. */
class ModelTest {
    private static final int STEPS = 3_000;

    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void answersAsAStoreInMemoryDoes(long seed) {
        Random random = new Random(seed);
        SessionStore model = new MemoryStore(new byte[SessionStore.SERVER_KEY_BYTES]);
        int life = 0;
        long now = Calls.NOW;
        FileStore store = FileStore.open(root.resolve("life-0"), Durability.PROCESS);
        try {
            for (int step = 0; step < STEPS; step++) {
                now += random.nextInt(300) == 0 ? SessionStore.TOMBSTONE_MILLIS : random.nextInt(20);
                long callSeed = random.nextLong();
                String expected = answer(model, new Random(callSeed), now);
                assertThat(answer(store, new Random(callSeed), now))
                        .as("step %d of seed %d", step, seed)
                        .isEqualTo(expected);
                if (random.nextInt(100) == 0) {
                    life++;
                    image(root.resolve("life-" + (life - 1)), root.resolve("life-" + life));
                    store.close();
                    store = FileStore.open(root.resolve("life-" + life), Durability.PROCESS);
                }
            }
        } finally {
            store.close();
        }
    }

    private static String answer(SessionStore store, Random random, long now) {
        SessionId sid = new SessionId(0, random.nextInt(5));
        long epoch = random.nextInt(6);
        long number = random.nextInt(20);
        long ttl = 200L + random.nextInt(2_000);
        return switch (random.nextInt(12)) {
            case 0 -> told(store.create(sid, now, ttl));
            case 1 -> told(store.claim(sid, number, now, ttl));
            case 2 -> told(store.renew(sid, epoch, now, ttl));
            case 3 -> told(store.end(sid, epoch, random.nextBoolean() ? null : tombstone(random, now)));
            case 4 -> told(store.sweep(now));
            case 5, 6 -> told(store.commit(sid, epoch, number, random.nextInt(20)));
            case 7, 8 -> told(store.read(sid, epoch, number));
            default -> told(store.append(sid, epoch, number, messages(random, number)));
        };
    }

    private static Tombstone tombstone(Random random, long now) {
        LossReason[] reasons = LossReason.values();
        return new Tombstone(reasons[random.nextInt(reasons.length)], random.nextInt(100), now);
    }

    private static List<Message> messages(Random random, long first) {
        return LongStream.range(first, first + random.nextInt(4))
                .mapToObj(number -> Message.text("message " + number))
                .toList();
    }

    private static String told(CompletionStage<?> stage) {
        try {
            Object answer = result(stage);
            return answer instanceof List<?> messages
                    ? new ArrayList<>(messages)
                            .stream()
                                    .map(message -> ((Message) message).text())
                                    .toList()
                                    .toString()
                    : answer.toString();
        } catch (CompletionException e) {
            return String.valueOf(e.getCause());
        }
    }
}
