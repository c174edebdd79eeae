package io.everwire.protocol;

import static io.everwire.protocol.Wire.BINARY;
import static io.everwire.protocol.Wire.CLOSE;
import static io.everwire.protocol.Wire.CONTINUATION;
import static io.everwire.protocol.Wire.FIN;
import static io.everwire.protocol.Wire.PING;
import static io.everwire.protocol.Wire.PONG;
import static io.everwire.protocol.Wire.TEXT;
import static io.everwire.protocol.Wire.join;
import static io.everwire.protocol.Wire.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The cut of the reads never matters, and a slow decoder agrees on whatever is sent. */
class FrameReceiverFuzzTest {
    private static final int CONVERSATIONS = 25_000;
    private static final int MESSAGE_BYTES = 600;
    private static final int MOST_FRAGMENTS = 5;
    private static final Limits LIMITS =
            Limits.DEFAULT.withMessageBytes(MESSAGE_BYTES).withFragments(MOST_FRAGMENTS);

    private static byte[] scripted(Role role) {
        Wire wire = Wire.to(role);
        return join(
                wire.text("κόσμε"),
                wire.ping("p"),
                wire.binary(new byte[130]),
                wire.frame(TEXT, utf8("Grüße ")),
                wire.pong(""),
                wire.frame(CONTINUATION),
                wire.ping("inside"),
                wire.frame(FIN | CONTINUATION, utf8("an alle 😀")),
                wire.text(""),
                wire.frame(BINARY, Wire.bytes(1, 2, 3)),
                wire.close(1001, "bis später"),
                wire.text("never"));
    }

    @ParameterizedTest
    @EnumSource
    void everySplitOfAConversationYieldsTheSameEvents(Role role) {
        byte[] conversation = scripted(role);
        List<String> expected = ReferenceDecoder.events(role, MESSAGE_BYTES, MOST_FRAGMENTS, conversation);
        assertThat(expected).hasSize(8).endsWith("CLOSE 1001 (bis später)");
        for (int cut = 0; cut <= conversation.length; cut++) {
            byte[] head = Arrays.copyOf(conversation, cut);
            byte[] tail = Arrays.copyOfRange(conversation, cut, conversation.length);
            assertThat(Reading.events(role, LIMITS, head, tail))
                    .as("cut at %d", cut)
                    .isEqualTo(expected);
        }
        for (int size = 1; size < 40; size++) {
            assertThat(Reading.events(role, LIMITS, cut(conversation, size))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyEndOfAConversationYieldsAPrefixOfTheEvents(Role role) {
        byte[] conversation = scripted(role);
        for (int length = 0; length <= conversation.length; length++) {
            byte[] head = Arrays.copyOf(conversation, length);
            assertThat(Reading.events(role, LIMITS, head))
                    .as("%d bytes", length)
                    .isEqualTo(ReferenceDecoder.events(role, MESSAGE_BYTES, MOST_FRAGMENTS, head));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSlowDecoderAgreesOnRandomConversations(Role role) {
        for (long seed = 0; seed < CONVERSATIONS; seed++) {
            Random random = new Random(seed);
            byte[] conversation = conversation(role, random);
            mutate(conversation, random);
            List<String> expected = ReferenceDecoder.events(role, MESSAGE_BYTES, MOST_FRAGMENTS, conversation);
            byte[][] reads = cut(conversation, 1 + random.nextInt(random.nextBoolean() ? 8 : 300));
            assertThat(Reading.codes(Reading.events(role, LIMITS, reads)))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void itDoesNotMatterWhenReadsAreDrained(Role role) {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            byte[] conversation = conversation(role, random);
            mutate(conversation, random);
            try (Reading reading = new Reading(role, LIMITS)) {
                for (byte[] read : cut(conversation, 1 + random.nextInt(100))) {
                    reading.hand(read);
                    reading.drain(random.nextInt(3));
                }
                reading.drain();
                assertThat(reading.events).as("seed %d", seed).isEqualTo(Reading.events(role, LIMITS, conversation));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theReasonsOfFailuresAreTheSameForEverySplit(Role role) {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] conversation = conversation(role, random);
            mutate(conversation, random);
            assertThat(Reading.events(role, LIMITS, cut(conversation, 1)))
                    .as("seed %d", seed)
                    .isEqualTo(Reading.events(role, LIMITS, conversation));
        }
    }

    private static byte[][] cut(byte[] whole, int size) {
        byte[][] parts = new byte[(whole.length + size - 1) / size][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Arrays.copyOfRange(whole, i * size, Math.min(whole.length, (i + 1) * size));
        }
        return parts;
    }

    /** Mostly legal, so that it gets far; now and then a frame that is not. */
    private static byte[] conversation(Role role, Random random) {
        Wire wire = Wire.to(role);
        List<byte[]> frames = new ArrayList<>();
        boolean isInside = false;
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            int kind = random.nextInt(20);
            if (kind < 3) {
                frames.add(wire.frame(FIN | (random.nextBoolean() ? PING : PONG), payload(random, 126)));
            } else if (kind == 3) {
                frames.add(wire.close(random.nextInt(10) == 0 ? 1000 + random.nextInt(20) : 1000, "bye"));
            } else if (kind == 4) {
                frames.add(wire.frame(random.nextInt(256), payload(random, 140)));
            } else if (kind == 5) {
                int[] lengthBytes = {0, 2, 8};
                long length = random.nextLong() >>> random.nextInt(64);
                frames.add(wire.header(FIN | BINARY, length, lengthBytes[random.nextInt(3)]));
            } else {
                boolean isLast = random.nextInt(3) > 0;
                int opcode = isInside ? CONTINUATION : random.nextBoolean() ? TEXT : BINARY;
                frames.add(
                        wire.frame(isLast ? FIN | opcode : opcode, payload(random, random.nextInt(8) == 0 ? 400 : 40)));
                isInside = !isLast;
            }
        }
        frames.add(wire.frame(FIN | CLOSE));
        return join(frames.toArray(byte[][]::new));
    }

    private static byte[] payload(Random random, int most) {
        int[] alphabet = {'a', 'z', 0xE9, 0x20AC, 0x1F600, 0x7FF, 0xFFFF, 0x10FFFF};
        StringBuilder text = new StringBuilder();
        int characters = random.nextInt(Math.max(1, most / (random.nextBoolean() ? 4 : 2)));
        for (int i = 0; i < characters; i++) {
            text.appendCodePoint(alphabet[random.nextInt(random.nextBoolean() ? 2 : alphabet.length)]);
        }
        return utf8(text.toString());
    }

    private static void mutate(byte[] conversation, Random random) {
        int mutations = conversation.length == 0 ? 0 : random.nextInt(3);
        for (int i = 0; i < mutations; i++) {
            conversation[random.nextInt(conversation.length)] ^= (byte) (1 << random.nextInt(8));
        }
    }
}
