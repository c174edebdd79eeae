package io.everwire.protocol;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;

/** Draws DEFLATE streams: mostly valid ones with unusual blocks and flushes, then damaged. */
final class DeflateStreams {
    private DeflateStreams() {}

    static byte[] draw(Random random) {
        byte[] stream = {};
        for (int i = random.nextInt(4); i >= 0; i--) {
            stream = Wire.join(stream, part(random));
        }
        // In most cases as RFC 7692 §7.2.1 demands: the tail of the last flush is removed.
        if (random.nextInt(8) > 0 && endsWithTail(stream)) {
            stream = Arrays.copyOf(stream, stream.length - 4);
        } else if (random.nextBoolean()) {
            stream = Wire.join(stream, new byte[1]);
        }
        return random.nextInt(3) == 0 ? damaged(stream, random) : stream;
    }

    private static boolean endsWithTail(byte[] stream) {
        int end = stream.length;
        return end >= 4
                && stream[end - 4] == 0
                && stream[end - 3] == 0
                && stream[end - 2] == -1
                && stream[end - 1] == -1;
    }

    private static byte[] part(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> Wire.bytes(0, 0, 0, 0xFF, 0xFF); // an empty block without compression
            case 1 -> Wire.bytes(3, 0); // an empty final block
            case 2 -> Wire.bytes(random.nextInt(2), 3, 0, 0xFC, 0xFF, 'a', 'b', 'c'); // stored
            case 3 -> {
                byte[] noise = new byte[random.nextInt(20)];
                random.nextBytes(noise);
                yield noise;
            }
            default -> deflated(random);
        };
    }

    private static byte[] deflated(Random random) {
        Deflater deflater = new Deflater(random.nextInt(10), true);
        int[] strategies = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};
        deflater.setStrategy(strategies[random.nextInt(strategies.length)]);
        byte[] message = new byte[random.nextInt(random.nextInt(6) == 0 ? 4_000 : 200)];
        int alphabet = 1 + random.nextInt(random.nextBoolean() ? 4 : 256);
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) random.nextInt(alphabet);
        }
        byte[] buffer = new byte[16_384];
        deflater.setInput(message);
        boolean isFinal = random.nextInt(5) == 0;
        int flush = random.nextBoolean() ? Deflater.SYNC_FLUSH : Deflater.FULL_FLUSH;
        if (isFinal) {
            deflater.finish();
        }
        int bytes = 0;
        int more;
        do {
            more = deflater.deflate(buffer, bytes, buffer.length - bytes, isFinal ? Deflater.NO_FLUSH : flush);
            bytes += more;
        } while (more > 0);
        deflater.end();
        return Arrays.copyOf(buffer, bytes);
    }

    private static byte[] damaged(byte[] stream, Random random) {
        byte[] broken = stream.clone();
        for (int i = 1 + random.nextInt(3); i > 0 && broken.length > 0; i--) {
            if (random.nextInt(3) == 0) {
                broken = Arrays.copyOf(broken, random.nextInt(broken.length));
            } else {
                broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
            }
        }
        return broken;
    }
}
