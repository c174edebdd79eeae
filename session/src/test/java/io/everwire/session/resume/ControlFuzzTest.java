package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a peer may send: never anything but a control message or the checked complaint comes of it. */
class ControlFuzzTest {
    private static final int ROUNDS = 100_000;
    private static final List<String> PIECES = List.of(
            "\0",
            "hello",
            "ack",
            "ask",
            "ping",
            "pong",
            "move",
            "bye",
            " ",
            "=",
            "n=",
            " n=1",
            " tx=",
            " t=0",
            " rx=3",
            " code=1000",
            " reason=",
            " url=",
            "%20",
            "%C3%BC",
            "%",
            "0",
            "1",
            "9007199254740991",
            "9007199254740992",
            "-",
            " after=1",
            " window=4096",
            " status=new",
            " status=fresh",
            " secret=",
            " peer-rx=0",
            " protocol=x",
            "\u00fc",
            "\n");

    @Test
    void readsEverythingOrComplainsAndWritesBackWhatItRead() {
        List<byte[]> seeds = List.of(
                ControlCodec.encode(Hellos.made()),
                ControlCodec.encode(Hellos.fresh()),
                ControlCodec.encode(Hellos.resumed()),
                ControlCodec.encode(new Control.Ack(1234)),
                ControlCodec.encode(new Control.Pong(1, 2, 3)),
                ControlCodec.encode(new Control.Move(1, 2, "wss://a.example/ ?q")),
                ControlCodec.encode(new Control.Bye(1001, 2, "so long, \u00fc")));
        int accepted = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] payload = random.nextInt(4) == 0
                    ? assembled(random)
                    : mutated(seeds.get(random.nextInt(seeds.size())), random);
            accepted += isAccepted(payload, seed) ? 1 : 0;
        }

        assertThat(accepted).isBetween(ROUNDS / 20, ROUNDS - ROUNDS / 20);
    }

    private static boolean isAccepted(byte[] payload, int seed) {
        Control control;
        try {
            control = ControlCodec.parse(payload);
        } catch (MalformedControlException e) {
            assertThat(e.getMessage()).as("seed %d", seed).hasSizeBetween(1, 200);
            return false;
        }
        byte[] written = ControlCodec.encode(control);
        assertThat(written.length).as("seed %d", seed).isLessThanOrEqualTo(ControlCodec.MOST_BYTES);
        try {
            assertThat(ControlCodec.parse(ByteBuffer.wrap(written)))
                    .as("seed %d", seed)
                    .isEqualTo(control);
        } catch (MalformedControlException e) {
            throw new AssertionError("seed " + seed + " reads what it does not read again: " + control, e);
        }
        return true;
    }

    private static byte[] assembled(SplittableRandom random) {
        StringBuilder text = new StringBuilder("\0");
        for (int i = random.nextInt(8); i >= 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Changes, drops or doubles up to three bytes, digits for digits half of the time. */
    private static byte[] mutated(byte[] seed, SplittableRandom random) {
        byte[] bytes = seed.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            ByteBuffer next = ByteBuffer.allocate(bytes.length + 1).put(bytes, 0, at);
            switch (random.nextInt(4)) {
                case 0 -> next.put((byte) random.nextInt(256));
                case 1 -> next.put((byte) ('0' + random.nextInt(10)));
                case 2 -> next.put(bytes[at]).put(bytes[at]);
                default -> {}
            }
            next.put(bytes, at + 1, bytes.length - at - 1);
            bytes = java.util.Arrays.copyOf(next.array(), Math.max(1, next.position()));
        }
        return bytes;
    }
}
