package io.everwire.verification.conformance;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Five kinds of data, as large as those of the Autobahn suite and as compressible as such data is, but made here. */
enum Corpus {
    JSON(false, 194_056) {
        @Override
        void append(ByteArrayOutputStream data, Random random) {
            data.writeBytes(("{\"id\":" + random.nextInt(1_000_000) + ",\"name\":\"" + word(random) + ' ' + word(random)
                            + "\",\"price\":" + random.nextInt(10_000) / 100.0 + ",\"tags\":[\"" + word(random)
                            + "\",\""
                            + word(random) + "\"],\"isOpen\":" + random.nextBoolean() + "},\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
    },
    BITMAP(true, 263_222) {
        @Override
        void append(ByteArrayOutputStream data, Random random) {
            int shade = 60 + random.nextInt(120);
            for (int i = 0; i < 64; i++) {
                shade += random.nextInt(7) - 3;
                data.write(shade);
            }
        }
    },
    PROSE(true, 222_218) {
        @Override
        void append(ByteArrayOutputStream data, Random random) {
            String end = random.nextInt(9) == 0 ? ".\n" : random.nextInt(7) == 0 ? ", " : " ";
            data.writeBytes((word(random) + end).getBytes(StandardCharsets.UTF_8));
        }
    },
    PAPER(true, 1_042_328) {
        @Override
        void append(ByteArrayOutputStream data, Random random) {
            int object = random.nextInt(10_000);
            data.writeBytes((object + " 0 obj\n<< /Length 700 /Filter /FlateDecode >>\nstream\n")
                    .getBytes(StandardCharsets.UTF_8));
            byte[] compressed = new byte[700];
            random.nextBytes(compressed);
            data.writeBytes(compressed);
            data.writeBytes("\nendstream\nendobj\n".getBytes(StandardCharsets.UTF_8));
        }
    },
    HTML(false, 263_527) {
        @Override
        void append(ByteArrayOutputStream data, Random random) {
            data.writeBytes(("<tr class=\"row" + random.nextInt(2) + "\"><td><a href=\"/" + word(random) + "/"
                            + random.nextInt(999) + "\">" + word(random) + "</a></td><td>" + word(random) + "&nbsp;"
                            + random.nextInt(99) + "</td></tr>\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
    };

    private static final String SYLLABLES =
            "baderfaustgeisthimmelkunstlebenmenschnachtreichseeletagundwahnzeitgrueneworldlight";

    private static final Map<Corpus, byte[]> DATA = new EnumMap<>(Corpus.class);

    static {
        for (Corpus corpus : values()) {
            Random random = new Random(corpus.bytes);
            ByteArrayOutputStream made = new ByteArrayOutputStream();
            while (made.size() < corpus.bytes) {
                corpus.append(made, random);
            }
            DATA.put(corpus, Arrays.copyOf(made.toByteArray(), corpus.bytes));
        }
    }

    final boolean isBinary;
    private final int bytes;

    Corpus(boolean isBinary, int bytes) {
        this.isBinary = isBinary;
        this.bytes = bytes;
    }

    abstract void append(ByteArrayOutputStream data, Random random);

    /** Few words are frequent and many are rare, as in a language. */
    static String word(Random random) {
        int rank = (int) Math.pow(3_000, random.nextDouble());
        Random letters = new Random(rank);
        int from = letters.nextInt(SYLLABLES.length() - 12);
        return SYLLABLES.substring(from, from + 2 + letters.nextInt(10));
    }

    /** Returns so many bytes from an offset on; the data repeats itself behind its end. */
    byte[] slice(long offset, int length) {
        byte[] data = Objects.requireNonNull(DATA.get(this));
        byte[] slice = new byte[length];
        for (int at = 0; at < length; ) {
            int from = (int) ((offset + at) % data.length);
            int bytes = Math.min(length - at, data.length - from);
            System.arraycopy(data, from, slice, at, bytes);
            at += bytes;
        }
        return slice;
    }
}
