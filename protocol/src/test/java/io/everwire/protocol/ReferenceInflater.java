package io.everwire.protocol;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A slow, obvious reader of RFC 1951, bit by bit, to compare {@link MessageInflater} with, and to see how far back a stream refers, which
 * the JDK's inflater does not tell.
 */
final class ReferenceInflater {
    private static final byte[] TAIL = Wire.bytes(0, 0, 0xFF, 0xFF, 1, 0, 0, 0xFF, 0xFF);
    private static final int[] LENGTH_BASE = {
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258
    };
    private static final int[] LENGTH_BITS = {
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
    };
    private static final int[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    /** The stream breaks RFC 1951, or ends too early. */
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final byte[] input;
    private int bit;
    /** What was sent before, and behind it the message. */
    private byte[] all;

    private int end;
    private final int historyBytes;
    /** How many bytes the current stream may refer to. */
    private int reachable;
    /** The largest distance that was referred back by. */
    int farthest;

    private ReferenceInflater(byte[] input, byte[] history) {
        this.input = input;
        all = history.clone();
        end = history.length;
        historyBytes = history.length;
        reachable = history.length;
    }

    /** Returns the message that a compressed one stands for, null when it is invalid. */
    static byte @Nullable [] inflate(byte[] compressed, byte[] history) {
        ReferenceInflater reader = new ReferenceInflater(Wire.join(compressed, TAIL), history);
        return reader.read(compressed.length) ? Arrays.copyOfRange(reader.all, reader.historyBytes, reader.end) : null;
    }

    /** Returns how far back a compressed message refers, in bytes. */
    static int farthest(byte[] compressed, byte[] history) {
        ReferenceInflater reader = new ReferenceInflater(Wire.join(compressed, TAIL), history);
        if (!reader.read(compressed.length)) {
            throw new AssertionError("the compressed message is invalid");
        }
        return reader.farthest;
    }

    private boolean read(int payloadBytes) {
        try {
            while (true) {
                boolean isFinal = bits(1) == 1;
                block(bits(2));
                if (isFinal) {
                    bit = (bit + 7) / 8 * 8;
                    int at = bit / 8;
                    if (at >= payloadBytes) {
                        // A final block of the payload's own needs no tail; one that has eaten of it must have eaten
                        // all.
                        return at == payloadBytes || at == input.length;
                    }
                    reachable = 0;
                }
            }
        } catch (InvalidException e) {
            return false;
        }
    }

    private int bits(int count) throws InvalidException {
        int value = 0;
        for (int i = 0; i < count; i++) {
            if (bit / 8 >= input.length) {
                throw new InvalidException();
            }
            value |= ((input[bit / 8] >> (bit % 8)) & 1) << i;
            bit++;
        }
        return value;
    }

    private void block(int type) throws InvalidException {
        switch (type) {
            case 0 -> stored();
            case 1 -> {
                int[] lengths = new int[288];
                Arrays.fill(lengths, 0, 144, 8);
                Arrays.fill(lengths, 144, 256, 9);
                Arrays.fill(lengths, 256, 280, 7);
                Arrays.fill(lengths, 280, 288, 8);
                int[] distances = new int[32];
                Arrays.fill(distances, 5);
                codes(lengths, distances);
            }
            case 2 -> dynamic();
            default -> throw new InvalidException();
        }
    }

    private void stored() throws InvalidException {
        bit = (bit + 7) / 8 * 8;
        int length = bits(16);
        if (bits(16) != (length ^ 0xFFFF)) {
            throw new InvalidException();
        }
        for (int i = 0; i < length; i++) {
            put(bits(8));
        }
    }

    private void dynamic() throws InvalidException {
        int literals = bits(5) + 257;
        int distances = bits(5) + 1;
        int codes = bits(4) + 4;
        if (literals > 286 || distances > 30) {
            throw new InvalidException();
        }
        int[] ofLengths = new int[19];
        for (int i = 0; i < codes; i++) {
            ofLengths[ORDER[i]] = bits(3);
        }
        requireComplete(ofLengths, false);
        int[] lengths = new int[literals + distances];
        for (int i = 0; i < lengths.length; ) {
            int symbol = symbol(ofLengths);
            if (symbol < 16) {
                lengths[i++] = symbol;
                continue;
            }
            if (symbol == 16 && i == 0) {
                throw new InvalidException();
            }
            int value = symbol == 16 ? lengths[i - 1] : 0;
            int repeat = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
            if (i + repeat > lengths.length) {
                throw new InvalidException();
            }
            Arrays.fill(lengths, i, i + repeat, value);
            i += repeat;
        }
        int[] ofLiterals = Arrays.copyOf(lengths, literals);
        int[] ofDistances = Arrays.copyOfRange(lengths, literals, lengths.length);
        if (ofLiterals[256] == 0) {
            throw new InvalidException();
        }
        requireComplete(ofLiterals, true);
        requireComplete(ofDistances, true);
        codes(ofLiterals, ofDistances);
    }

    /** A code must use its whole space; one symbol of one bit, or none at all, is let pass where zlib does. */
    private static void requireComplete(int[] lengths, boolean isSingleAllowed) throws InvalidException {
        int left = 1 << 15;
        int longest = 0;
        for (int length : lengths) {
            left -= length == 0 ? 0 : 1 << (15 - length);
            longest = Math.max(longest, length);
        }
        // zlib makes of an empty code a table in which every code is an error.
        if (left < 0 || (left > 0 && longest != 0 && !(isSingleAllowed && longest == 1))) {
            throw new InvalidException();
        }
    }

    private int symbol(int[] lengths) throws InvalidException {
        int code = 0;
        int first = 0;
        for (int length = 1; length <= 15; length++) {
            code = code << 1 | bits(1);
            first <<= 1;
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] == length) {
                    if (code == first) {
                        return symbol;
                    }
                    first++;
                }
            }
        }
        throw new InvalidException();
    }

    private void codes(int[] literals, int[] distances) throws InvalidException {
        for (int symbol = symbol(literals); symbol != 256; symbol = symbol(literals)) {
            if (symbol < 256) {
                put(symbol);
                continue;
            }
            if (symbol > 285) {
                throw new InvalidException();
            }
            int length = LENGTH_BASE[symbol - 257] + bits(LENGTH_BITS[symbol - 257]);
            int far = symbol(distances);
            if (far > 29) {
                throw new InvalidException();
            }
            int extra = far < 4 ? 0 : far / 2 - 1;
            int distance = (far < 4 ? far : (2 + far % 2) << extra) + 1 + bits(extra);
            if (distance > reachable || distance > 1 << 15) {
                throw new InvalidException();
            }
            farthest = Math.max(farthest, distance);
            for (int i = 0; i < length; i++) {
                put(all[end - distance]);
            }
        }
    }

    private void put(int value) {
        if (end == all.length) {
            all = Arrays.copyOf(all, 2 * end + 64);
        }
        all[end++] = (byte) value;
        reachable++;
    }
}
