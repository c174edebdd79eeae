package io.everwire.verification.laboratory;

import io.everwire.Message;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Messages of every size and kind, drawn from a seed: empty ones, texts that begin with U+0000, and up to 64 KiB. */
final class Parcels {
    static final int LARGEST_BYTES = 64 << 10;

    private final Random random;
    private final String life;
    private final int largestBytes;
    private long drawn;

    Parcels(long seed, String life, int largestBytes) {
        random = new Random(seed * 31 + life.hashCode());
        this.life = life;
        this.largestBytes = largestBytes;
    }

    /** The first message says whose it is, so that where a life begins is known without doubt. */
    Message next() {
        drawn++;
        String name = life + " " + drawn + " ";
        return drawn == 1 ? Message.text(name) : random.nextBoolean() ? text(name) : binary(name);
    }

    private Message text(String name) {
        int bytes = size();
        StringBuilder text = new StringBuilder("\0".repeat(random.nextInt(10) == 0 ? random.nextInt(4) : 0));
        if (bytes > 0) {
            text.append(name);
        }
        while (text.length() < bytes) {
            text.append((char) (' ' + random.nextInt(95)));
        }
        return Message.text(text.substring(0, Math.min(text.length(), bytes)));
    }

    private Message binary(String name) {
        byte[] bytes = new byte[size()];
        random.nextBytes(bytes);
        byte[] named = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(named, 0, bytes, 0, Math.min(named.length, bytes.length));
        return Message.binary(bytes);
    }

    private int size() {
        return Math.min(largestBytes, draw());
    }

    private int draw() {
        int kind = random.nextInt(100);
        if (kind < 5) {
            return 0;
        }
        if (kind < 10) {
            return random.nextInt(1, 8);
        }
        if (kind < 80) {
            return random.nextInt(10, 300);
        }
        return kind < 96 ? random.nextInt(300, 4_096) : random.nextInt(4_096, LARGEST_BYTES + 1);
    }
}
