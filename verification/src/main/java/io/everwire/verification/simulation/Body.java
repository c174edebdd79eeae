package io.everwire.verification.simulation;

import io.everwire.Message;
import java.nio.ByteBuffer;

/** The content of a message. There are few, shared by all worlds: which message it is, its {@link Parcel} knows. */
final class Body {
    private static final int SMALL = 96;
    private static final Body[] BODIES = new Body[SMALL];

    final byte[] bytes;
    final boolean isText;

    static {
        for (int i = 0; i < SMALL; i++) {
            BODIES[i] = make(i / 2, i % 2 == 0, i);
        }
    }

    private Body(byte[] bytes, boolean isText) {
        this.bytes = bytes;
        this.isText = isText;
    }

    private static Body make(int length, boolean isText, int salt) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (isText ? 'a' + (i * 7 + salt) % 26 : i * 31 + salt);
        }
        // Texts that begin with one, two or three U+0000, as those that have to be escaped.
        for (int i = 0; isText && i < Math.min(length, salt % 5 == 0 ? 1 + salt % 3 : 0); i++) {
            bytes[i] = 0;
        }
        return new Body(bytes, isText);
    }

    /** Draws one of at most so many bytes; empty ones and largest ones come up, too. */
    static Body draw(Chance chance, int most) {
        if (chance.oneIn(80)) {
            return make(most, chance.oneIn(2), 5);
        }
        Body body = BODIES[chance.below(SMALL)];
        return body.bytes.length <= most ? body : BODIES[0];
    }

    Message toMessage() {
        return Message.copyOf(isText, ByteBuffer.wrap(bytes));
    }
}
