package io.everwire.session.resume;

import java.nio.ByteBuffer;

/** Unsigned LEB128, lowest seven bits first, 0 to 2^53 - 1, with no byte more than needed. */
final class Varints {
    private Varints() {}

    static void write(ByteBuffer out, long value) {
        long rest = value;
        while (rest > 0x7f) {
            out.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /** Reads one, whose name is for the complaint. */
    static long read(ByteBuffer in, String name) throws MalformedOfferException {
        long value = 0;
        for (int shift = 0; shift < 56 && in.hasRemaining(); shift += 7) {
            int octet = in.get();
            value |= (long) (octet & 0x7f) << shift;
            if (octet >= 0) {
                if ((octet == 0 && shift > 0) || value > Bounds.MOST) {
                    break;
                }
                return value;
            }
        }
        throw new MalformedOfferException(
                "the offer's " + name + " is not a varint from 0 to " + Bounds.MOST + " in as few bytes as it needs");
    }
}
