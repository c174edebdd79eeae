package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table against a map of the JDK, with hashes from good to useless. */
class OpenTableTest {
    private record Entry(Integer key, String name) {}

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64, 1_000_003, 0})
    void holdsWhatAMapHolds(int spread) {
        ToIntFunction<Integer> hash = key -> (key * spread) ^ (key * spread) >>> 15;
        OpenTable<Integer, Entry> table = new OpenTable<>(Entry::key, hash);
        Map<Integer, Entry> expected = new HashMap<>();
        Random random = new Random(spread);
        for (int step = 0; step < 20_000; step++) {
            // It grows for a while, then shrinks, and so on.
            boolean isGrowing = step / 2_000 % 2 == 0;
            int key = random.nextInt(isGrowing ? 300 : 400) - 150;
            if (random.nextInt(10) < (isGrowing ? 7 : 2)) {
                Entry fresh = new Entry(key, "of step " + step);
                assertThat(table.putIfAbsent(fresh)).isSameAs(expected.putIfAbsent(key, fresh));
            } else {
                assertThat(table.remove(key)).isSameAs(expected.remove(key));
            }
            assertThat(table.size()).isEqualTo(expected.size());
            int asked = random.nextInt(400) - 200;
            assertThat(table.find(asked)).isSameAs(expected.get(asked));
            if (step % 500 == 0) {
                assertThat(table.all()).containsExactlyInAnyOrderElementsOf(expected.values());
            }
        }
    }
}
