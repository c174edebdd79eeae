package io.everwire.session.resume;

import io.everwire.LossReason;
import io.everwire.session.resume.Control.Hello;
import io.everwire.session.resume.Control.Status;

/** One {@code hello} of each kind. */
final class Hellos {
    static final SessionId SID = new SessionId(0x0001020304050607L, 0x08090a0b0c0d0e0fL);
    static final byte[] SECRET =
            "an example secret of 32 bytes, ok".substring(0, 32).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private Hellos() {}

    static Hello fresh() {
        return new Hello(
                Status.FRESH,
                -1,
                SID,
                0,
                0,
                120,
                1 << 20,
                1024,
                65_536,
                20_000,
                500,
                SECRET,
                LossReason.OVERRUN,
                7,
                "chat.v2");
    }

    static Hello made() {
        return new Hello(Status.NEW, 1, SID, 0, -1, 120, 1 << 20, 1024, 65_536, 0, 0, SECRET, null, -1, null);
    }

    @SuppressWarnings("NullAway") // It does not find in a class file that an array may be null.
    static Hello resumed() {
        return new Hello(
                Status.RESUMED,
                Long.MIN_VALUE,
                SID,
                41,
                99,
                120,
                1 << 20,
                1024,
                65_536,
                20_000,
                0,
                null,
                null,
                -1,
                null);
    }
}
