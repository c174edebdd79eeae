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
import org.junit.jupiter.api.DisplayName;
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

    @DisplayName("LEN-02, LEN-04, CTL-04: whatever comes, however it is cut, within the limits")
    @ParameterizedTest
    @EnumSource
    void neverThrowsNeverHoldsMoreThanItsLimitsAndAgreesWithTheSlowDecoder(Role role) {
        Seeds.run("the frame decoder of a " + role, seed -> fuzz(role, new Random(seed)));
    }

    private static void fuzz(Role role, Random random) {
        int messageBytes = 1 + random.nextInt(random.nextBoolean() ? 200 : 3_000);
        int mostFragments = 1 + random.nextInt(8);
        Limits limits = Limits.DEFAULT.withMessageBytes(messageBytes).withFragments(mostFragments);
        byte[] wire = havoc(conversation(role, random), random);
        List<String> expected = ReferenceDecoder.events(role, messageBytes, mostFragments, wire);

        boolean isDirect = random.nextInt(16) == 0;
        List<String> atOnce;
        try (Reading reading = new Reading(role, limits, isDirect)) {
            atOnce = reading.read(wire).events;
        }
        assertThat(Reading.codes(atOnce)).isEqualTo(expected);
        try (Reading reading = new Reading(role, limits, isDirect)) {
            int most = 1 + random.nextInt(random.nextBoolean() ? 4 : 500);
            for (int at = 0; at < wire.length; ) {
                int end = Math.min(wire.length, at + 1 + random.nextInt(most));
                reading.hand(Arrays.copyOfRange(wire, at, end));
                at = end;
                if (random.nextInt(4) > 0) {
                    reading.drain();
                    long held = reading.allocatedBytes();
                    if (held > Math.max(256, messageBytes + FrameHeader.MAX_CONTROL_PAYLOAD)) {
                        throw new AssertionError(held + " bytes are held of messages of at most " + messageBytes);
                    }
                }
            }
            reading.drain();
            assertThat(reading.events).isEqualTo(atOnce);
        }
    }

    /** Turns a conversation, now and then, into something that no peer would say. */
    private static byte[] havoc(byte[] conversation, Random random) {
        byte[] wire = conversation;
        for (int i = random.nextInt(4); i > 0 && wire.length > 0; i--) {
            int from = random.nextInt(wire.length);
            int to = from + random.nextInt(Math.min(40, wire.length - from) + 1);
            byte[] before = Arrays.copyOf(wire, from);
            byte[] part = Arrays.copyOfRange(wire, from, to);
            byte[] after = Arrays.copyOfRange(wire, to, wire.length);
            switch (random.nextInt(6)) {
                case 0 -> mutate(wire, random);
                case 1 -> wire = join(before, after);
                case 2 -> wire = join(before, part, part, after);
                case 3 -> {
                    byte[] noise = new byte[random.nextInt(20)];
                    random.nextBytes(noise);
                    wire = join(before, noise, after);
                }
                case 4 -> {
                    int[] edges = {0x7E, 0x7F, 0xFE, 0xFF, 0x80, 0x00, 0x8F, 0xF0};
                    wire[from] = (byte) edges[random.nextInt(edges.length)];
                }
                default -> wire = before;
            }
        }
        return wire;
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
