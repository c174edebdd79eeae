package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** RFC 6455 §5.3: "The unpredictability of the masking key is essential". A chance of failing by itself is below one in 10^9. */
class MaskingKeysTest {
    private static final int KEYS = 1_000_000;

    @AutoClose
    private final EventLoops loops = EventLoops.create(2);

    private static int[] draw(int count) {
        MaskingKeys keys = MaskingKeys.ofThisLoop();
        int[] drawn = new int[count];
        Arrays.setAll(drawn, i -> keys.getAsInt());
        return drawn;
    }

    @DisplayName("MSK-01: a million keys hardly repeat and favour no byte")
    @Test
    void repeatHardlyAndFavourNoByteAndNoBit() {
        int[] drawn = draw(KEYS);

        // n²/2³³ pairs are equal by chance, about 116; a generator of 2³¹ states or a fixed key has far more.
        long repeats = KEYS - Arrays.stream(drawn).distinct().count();
        assertThat(repeats).isBetween(40L, 220L);
        for (int shift = 0; shift < 32; shift += 8) {
            long[] counts = new long[256];
            for (int key : drawn) {
                counts[key >>> shift & 0xFF]++;
            }
            double expected = KEYS / 256.0;
            double chiSquared = Arrays.stream(counts)
                    .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                    .sum();
            // 255 degrees of freedom: mean 255, deviation 22.6.
            assertThat(chiSquared).as("byte at bit %d", shift).isBetween(120.0, 420.0);
        }
        for (int bit = 0; bit < 32; bit++) {
            int index = bit;
            long ones =
                    Arrays.stream(drawn).filter(key -> (key >>> index & 1) == 1).count();
            assertThat(ones).as("ones at bit %d", bit).isBetween(KEYS / 2 - 3_500L, KEYS / 2 + 3_500L);
        }
    }

    @DisplayName("MSK-01: no key follows from those before it")
    @Test
    void areNoLinearFunctionOfThoseBefore() {
        // A linear congruential or xorshift generator gives itself away by the rank of its bits: 624 words of a
        // Mersenne
        // twister, or far fewer of the others, determine all that follow. The lowest bits of a random sequence do not.
        int[] drawn = draw(4_096);
        boolean[] bits = new boolean[drawn.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (drawn[i] & 1) == 1;
        }
        assertThat(linearComplexity(bits)).isBetween(bits.length / 2 - 40, bits.length / 2 + 40);
    }

    /** The length of the shortest shift register that makes these bits (Berlekamp and Massey). */
    private static int linearComplexity(boolean[] bits) {
        int n = bits.length;
        boolean[] register = new boolean[n + 1];
        boolean[] before = new boolean[n + 1];
        register[0] = true;
        before[0] = true;
        int length = 0;
        int lastChange = -1;
        for (int i = 0; i < n; i++) {
            boolean differs = bits[i];
            for (int j = 1; j <= length; j++) {
                differs ^= register[j] && bits[i - j];
            }
            if (differs) {
                boolean[] copy = register.clone();
                for (int j = 0; j + i - lastChange <= n; j++) {
                    register[j + i - lastChange] ^= before[j];
                }
                if (2 * length <= i) {
                    length = i + 1 - length;
                    lastChange = i;
                    before = copy;
                }
            }
        }
        return length;
    }

    @DisplayName("MSK-01: each event loop and each handshake has its own")
    @Test
    void areOthersOnEachLoopAndInEachHandshake() throws Exception {
        Set<Integer> all = new HashSet<>();
        for (int loop = 0; loop < 2; loop++) {
            int[] drawn = CompletableFuture.supplyAsync(() -> draw(1_000), loops.next())
                    .get();
            Arrays.stream(drawn).forEach(all::add);
        }
        assertThat(all).hasSizeGreaterThan(1_995);
        Set<String> handshakes = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            handshakes.add(Arrays.toString(MaskingKeys.drawKey()));
        }
        assertThat(handshakes).hasSize(1_000);
    }
}
