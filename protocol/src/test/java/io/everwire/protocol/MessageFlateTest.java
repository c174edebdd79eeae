package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressing and inflating messages, RFC 7692 §7.2. */
class MessageFlateTest {
    private static final byte[] HELLO = Wire.utf8("Hello");

    /** Text that repeats itself near and far. */
    private static byte[] prose(int bytes, long seed) {
        Random random = new Random(seed);
        String[] words = {"session", "connection", "epoch", "resume", "replay", "backoff", "jitter", "liveness", " "};
        StringBuilder text = new StringBuilder();
        while (text.length() < bytes) {
            text.append(words[random.nextInt(words.length)]).append(random.nextInt(50));
        }
        return Wire.utf8(text.substring(0, bytes));
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return noise;
    }

    @Nested
    class Deflating {
        @ParameterizedTest
        @CsvSource({"8, true", "8, false", "9, true", "12, true", "14, false", "15, true", "15, false"})
        void neverRefersFurtherBackThanTheWindow(int windowBits, boolean keepsContext) {
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            int farthest = 0;
            try (Flate flate = Flate.ofServer(keepsContext, windowBits, Limits.DEFAULT)) {
                for (int bytes : new int[] {64, 300, 255, 256, 257, 5_000, 70_000, 1_000, 33_000, 40}) {
                    byte[] message = prose(bytes, bytes);
                    byte[] compressed = flate.deflate(message);
                    if (compressed == null) {
                        // What was not sent compressed is in no window.
                        sent.reset();
                        continue;
                    }
                    byte[] history = keepsContext ? sent.toByteArray() : new byte[0];
                    history = Arrays.copyOfRange(history, Math.max(0, history.length - (1 << 15)), history.length);
                    assertThat(ReferenceInflater.inflate(compressed, history)).isEqualTo(message);
                    farthest = Math.max(farthest, ReferenceInflater.farthest(compressed, history));
                    sent.writeBytes(message);
                }
            }
            assertThat(farthest).isPositive().isLessThanOrEqualTo(1 << windowBits);
        }

        @Test
        void makesMessagesThatResembleEarlierOnesSmallerWhenItKeepsItsContext() {
            byte[] message = prose(300, 1);
            try (Flate keeping = Flate.ofServer(true, 15, Limits.DEFAULT);
                    Flate forgetting = Flate.ofServer(false, 15, Limits.DEFAULT)) {
                byte[] first = Objects.requireNonNull(keeping.deflate(message));
                byte[] second = Objects.requireNonNull(keeping.deflate(message));
                assertThat(second.length).isLessThan(first.length / 8);
                assertThat(forgetting.deflate(message)).isEqualTo(first).isEqualTo(forgetting.deflate(message));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3, 10, 300, 100_000})
        void leavesAMessageAsItIsThatWouldNotGetShorter(int bytes) {
            for (int windowBits : new int[] {8, 15}) {
                try (Flate flate = Flate.ofServer(true, windowBits, Limits.DEFAULT)) {
                    assertThat(flate.deflate(noise(bytes))).isNull();
                }
            }
        }

        @Test
        void forgetsWhatItDidNotSend() {
            try (Flate flate = Flate.ofServer(true, 15, Limits.DEFAULT)) {
                byte[] message = prose(600, 1);
                byte[] first = Objects.requireNonNull(flate.deflate(message));
                assertThat(flate.deflate(noise(600))).isNull();
                assertThat(flate.deflate(message)).isEqualTo(first);
            }
        }
    }

    @Nested
    class Inflating {
        @DisplayName("RFC 7692 §7.2.3: the examples")
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "f248cdc9c90700", // one block
                    "000500faff48656c6c6f00", // a block without compression
                    "f348cdc9c9070000", // a final block
                    "f248050000 00ffff cac9c90700" // two blocks
                })
        void readsTheExamplesOfTheRfc(String hex) {
            byte[] compressed = HexFormat.of().parseHex(hex.replace(" ", ""));
            try (Flate flate = Flate.ofServer(true, 15, Limits.DEFAULT)) {
                assertThat(flate.inflate(compressed)).isEqualTo(HELLO);
                assertThat(ReferenceInflater.inflate(compressed, new byte[0])).isEqualTo(HELLO);
            }
        }

        @Test
        void readsTheExampleThatSharesTheWindow() {
            try (Flate flate = Flate.ofServer(true, 15, Limits.DEFAULT)) {
                assertThat(flate.inflate(Wire.bytes(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00)))
                        .isEqualTo(HELLO);
                assertThat(flate.inflate(Wire.bytes(0xF2, 0x00, 0x11, 0x00, 0x00)))
                        .isEqualTo(HELLO);
            }
        }

        @DisplayName("§7.2.3.6: an empty message, and blocks that are empty")
        @Test
        void readsEmptyMessagesAndEmptyBlocks() {
            try (Flate flate = Flate.ofServer(false, 15, Limits.DEFAULT)) {
                assertThat(flate.inflate(Wire.bytes(0))).isEmpty();
                assertThat(flate.inflate(Wire.bytes(2, 0))).isEmpty();
                byte[] blocks = new byte[500_001];
                for (int i = 0; i < 500_000; i += 5) {
                    blocks[i + 3] = blocks[i + 4] = (byte) 0xFF;
                }
                assertThat(flate.inflate(blocks)).isEmpty();
                assertThat(flate.inflate(Wire.join(Flate.compress(HELLO), Wire.bytes(0, 0, 0xFF, 0xFF, 0))))
                        .isEqualTo(HELLO);
            }
        }

        @ParameterizedTest
        @CsvSource({"8, true", "9, true", "11, false", "15, true", "15, false"})
        void readsWhatOurOwnDeflaterWrites(int windowBits, boolean keepsContext) {
            try (Flate flate = Flate.ofServer(keepsContext, windowBits, Limits.DEFAULT)) {
                for (int bytes : new int[] {64, 300, 300, 65_536, 1, 1_000_000, 20, 5_000, 300, 70_000, 1 << 20}) {
                    byte[] message = prose(bytes, bytes);
                    byte[] compressed = flate.deflate(message);
                    if (compressed != null) {
                        assertThat(flate.inflate(compressed)).isEqualTo(message);
                    }
                }
            }
        }

        @Test
        void goesOnBehindAFinalBlock() {
            try (Flate flate = Flate.ofServer(true, 15, Limits.DEFAULT)) {
                byte[] finished = Flate.finish(HELLO);
                assertThat(flate.inflate(finished)).isEqualTo(HELLO);
                assertThat(flate.inflate(Wire.join(finished, Wire.bytes(0)))).isEqualTo(HELLO);
                assertThat(flate.inflate(Wire.join(finished, finished, Flate.compress(HELLO))))
                        .isEqualTo(Wire.utf8("HelloHelloHello"));
                assertThat(flate.inflate(Flate.compress(HELLO))).isEqualTo(HELLO);
            }
        }

        @Test
        void countsFinalBlocks() {
            byte[] finals = Wire.join(Flate.finish(), Flate.finish(), Flate.finish());
            try (Flate flate = Flate.ofServer(true, 15, Limits.DEFAULT.withFragments(3))) {
                assertThat(flate.inflate(finals)).isEmpty();
                assertThat(flate.inflate(Wire.join(finals, Wire.bytes(0)))).isNull();
                assertThat(Objects.requireNonNull(flate.inflater.failure()).code())
                        .isEqualTo(CloseCode.TOO_LARGE);
            }
        }

        @DisplayName("PMD-01, PMD-04, PMD-05: a message that grows beyond the limit")
        @ParameterizedTest
        @ValueSource(ints = {255, 256, 257, 1_000, 65_535, 65_536, 65_537, 1 << 20})
        void stopsAtTheLimitOfTheInflatedMessage(int limit) {
            try (Flate flate = Flate.ofServer(true, 15, Limits.DEFAULT.withMessageBytes(limit))) {
                assertThat(flate.inflate(Flate.compress(new byte[limit]))).hasSize(limit);
                long before = flate.allocatedBytes();
                for (int more : new int[] {1, 2, limit, 50 << 20}) {
                    byte[] bomb = Flate.compress(new byte[limit + more]);
                    assertThat(bomb.length).isLessThan(Math.max(60, limit / 8 + more / 100));
                    assertThat(flate.inflate(bomb)).isNull();
                    assertThat(Objects.requireNonNull(flate.inflater.failure()).code())
                            .isEqualTo(CloseCode.TOO_LARGE);
                    assertThat(flate.inflater.failure().reason()).contains("limit of " + limit + " bytes");
                }
                assertThat(flate.allocatedBytes()).isEqualTo(before);
            }
        }

        @DisplayName("PMD-07: an end within a block")
        @Test
        void refusesEveryTruncatedMessage() {
            byte[] message = prose(400, 7);
            byte[] compressed = Flate.compress(message);
            try (Flate flate = Flate.ofServer(false, 15, Limits.DEFAULT)) {
                for (int length = 1; length < compressed.length; length++) {
                    byte[] truncated = Arrays.copyOf(compressed, length);
                    assertThat(flate.inflate(truncated)).as("%d bytes", length).isNull();
                    assertThat(Objects.requireNonNull(flate.inflater.failure()).code())
                            .isEqualTo(CloseCode.INVALID_PAYLOAD);
                    assertThat(ReferenceInflater.inflate(truncated, new byte[0]))
                            .isNull();
                }
            }
        }

        @Test
        void refusesGarbage() {
            List<byte[]> garbage = List.of(
                    Wire.bytes(0xFF, 0xFF, 0xFF, 0xFF),
                    Wire.bytes(6),
                    Wire.bytes(1, 0, 0, 0, 0),
                    noise(100),
                    noise(100_000));
            try (Flate flate = Flate.ofServer(true, 15, Limits.DEFAULT)) {
                for (byte[] bytes : garbage) {
                    assertThat(flate.inflate(bytes)).isNull();
                    assertThat(Objects.requireNonNull(flate.inflater.failure()).code())
                            .isEqualTo(CloseCode.INVALID_PAYLOAD);
                }
            }
        }

        @Test
        void refusesAMessageThatRefersToWhatWasNeverSentOrIsBeyondTheAgreedWindow() {
            // The example of §7.2.3.2, which refers 5 bytes back.
            byte[] second = Wire.bytes(0xF2, 0x00, 0x11, 0x00, 0x00);
            try (Flate flate = Flate.ofServer(true, 8, Limits.DEFAULT)) {
                assertThat(flate.inflate(second)).isNull();
                assertThat(flate.inflate(Flate.compress(HELLO))).isEqualTo(HELLO);
                assertThat(flate.inflate(second)).isEqualTo(HELLO);
            }
            try (Flate far = Flate.ofServer(true, 15, Limits.DEFAULT);
                    Flate near = Flate.ofServer(true, 8, Limits.DEFAULT)) {
                // 300 bytes of noise twice: the second time refers 300 bytes back, and a window of 256 has lost some.
                byte[] first = Wire.join(noise(300), Wire.utf8("x".repeat(300)));
                byte[] again = Wire.join(noise(300), Wire.utf8("y".repeat(30)));
                byte[] one = Objects.requireNonNull(far.deflate(first));
                byte[] two = Objects.requireNonNull(far.deflate(again));
                assertThat(far.inflate(one)).isEqualTo(first);
                assertThat(far.inflate(two)).isEqualTo(again);
                assertThat(near.inflate(one)).isEqualTo(first);
                assertThat(near.inflate(two)).isNull();
            }
        }
    }

    @Nested
    class ThePool {
        private final DeflateAgreement keeping = new DeflateAgreement(true, true, 15, 15);
        private final CompressionPolicy policy = CompressionPolicy.DEFAULT.withContext(true, true);

        @DisplayName("PMD-08: nothing is left outside the heap")
        @Test
        void isEmptyAfterEveryConnectionHasClosedAndItWasSweptTwice() {
            FlatePool pool = new FlatePool();
            byte[] message = prose(500, 1);
            for (int i = 0; i < 1_000; i++) {
                try (Pooled connection = new Pooled(pool)) {
                    connection.echo(message);
                    assertThat(pool.alive()).isLessThanOrEqualTo(3);
                }
            }
            assertThat(pool.sweep()).isTrue();
            assertThat(pool.sweep()).isFalse();
            assertThat(pool.alive()).isZero();
        }

        @Test
        void lendsOneDeflaterAndOneInflaterToAllThatKeepNothing() {
            FlatePool pool = new FlatePool();
            MessageDeflater[] deflaters = new MessageDeflater[500];
            try (Flate buffers = Flate.ofServer(false, 15, Limits.DEFAULT)) {
                for (int i = 0; i < deflaters.length; i++) {
                    deflaters[i] = new MessageDeflater(
                            pool,
                            buffers.allocator,
                            Role.SERVER,
                            CompressionPolicy.DEFAULT,
                            new DeflateAgreement(false, false, 15, 15));
                    Objects.requireNonNull(deflaters[i].deflate(Unpooled.wrappedBuffer(prose(500, i)), 0, 500))
                            .release();
                }
            }
            assertThat(pool.alive()).isEqualTo(1);
            pool.close();
            assertThat(pool.alive()).isZero();
        }

        @Test
        void boundsTheContextsAndTakesThemFromWhoWasIdleLongest() {
            FlatePool pool = new FlatePool();
            byte[] message = prose(500, 1);
            List<Pooled> connections = new ArrayList<>();
            for (int i = 0; i < FlatePool.MOST_KEPT + 10; i++) {
                Pooled connection = new Pooled(pool);
                connections.add(connection);
                connection.echo(message);
                connections.get(0).echo(message);
            }
            // One of each is free, too.
            assertThat(pool.alive()).isLessThanOrEqualTo(FlatePool.MOST_KEPT + 2);
            assertThat(connections.get(0).echo(message)).as("kept").isLessThan(40);
            assertThat(connections.get(1).echo(message)).as("lost").isGreaterThan(100);
            assertThat(connections.get(FlatePool.MOST_KEPT + 9).echo(message))
                    .as("kept")
                    .isLessThan(40);
            connections.forEach(Pooled::close);
            pool.close();
            assertThat(pool.alive()).isZero();
        }

        @Test
        void takesAContextBackThatWasNotUsedBetweenTwoSweeps() {
            FlatePool pool = new FlatePool();
            byte[] message = prose(500, 1);
            try (Pooled busy = new Pooled(pool);
                    Pooled idle = new Pooled(pool)) {
                busy.echo(message);
                idle.echo(message);
                pool.sweep();
                busy.echo(message);
                pool.sweep();
                busy.echo(message);
                pool.sweep();
                // The busy one's deflater, and the inflater that it used.
                assertThat(pool.alive()).isEqualTo(2);
                assertThat(busy.echo(message)).isLessThan(40);
                assertThat(idle.echo(message)).as("begun anew, and understood").isGreaterThan(100);
            }
            pool.close();
            assertThat(pool.alive()).isZero();
        }

        @DisplayName("PMD-08: the last message is not held on to")
        @Test
        void holdsOnToNoMessage() throws InterruptedException {
            FlatePool pool = new FlatePool();
            try (Pooled connection = new Pooled(pool)) {
                WeakReference<byte[]> last = echoed(connection);
                for (int i = 0; i < 50 && last.get() != null; i++) {
                    System.gc();
                    Thread.onSpinWait();
                }
                assertThat(last.get()).isNull();
                assertThat(connection.echo(prose(500, 2))).isPositive();
            }
            pool.close();
        }

        /** Returns a message that nobody here holds any more. */
        private static WeakReference<byte[]> echoed(Pooled connection) {
            byte[] message = prose(100_000, 1);
            connection.echo(message);
            return new WeakReference<>(message);
        }

        @Test
        void freesWhatComesBackAfterItsEnd() {
            FlatePool pool = new FlatePool();
            Pooled connection = new Pooled(pool);
            connection.echo(prose(500, 1));
            pool.close();
            assertThat(pool.alive()).isZero();
            connection.echo(prose(500, 1));
            assertThat(pool.alive()).isZero();
            connection.close();
        }

        /** A connection that shares a pool, with its peer's two sides. */
        private final class Pooled implements AutoCloseable {
            private final Flate buffers = Flate.ofServer(true, 15, Limits.DEFAULT);
            private final MessageDeflater deflater;
            private final MessageInflater inflater;

            Pooled(FlatePool pool) {
                deflater = new MessageDeflater(pool, buffers.allocator, Role.SERVER, policy, keeping);
                inflater = new MessageInflater(pool, buffers.allocator, Role.CLIENT, Limits.DEFAULT, keeping);
            }

            /** Returns how long the message is compressed. */
            int echo(byte[] message) {
                ByteBuf compressed =
                        Objects.requireNonNull(deflater.deflate(Unpooled.wrappedBuffer(message), 0, message.length));
                ByteBuf inflated = Objects.requireNonNull(inflater.inflate(compressed, 0, compressed.readableBytes()));
                assertThat(ByteBufUtil.getBytes(inflated)).isEqualTo(message);
                int length = compressed.readableBytes();
                inflated.release();
                compressed.release();
                return length;
            }

            @Override
            public void close() {
                deflater.close();
                buffers.close();
            }
        }
    }
}
