package io.everwire.verification.simulation;

import io.everwire.Message;
import org.jspecify.annotations.Nullable;

/** An application's message with its identity, which no engine and no codec ever sees. */
final class Parcel {
    /** Its index among all of the world, never in the payload. */
    final int id;

    final Body body;
    /** Whether a client has sent it. */
    final boolean isUp;

    /** What a store is given, made when one is. */
    @Nullable Message message;
    /** The session that it was accepted for, with its number there. */
    @Nullable Ledger ledger;

    long number;
    boolean isReceived;
    /** Whether its sender was told that it never arrives. */
    boolean isDenied;

    Parcel(int id, Body body, boolean isUp) {
        this.id = id;
        this.body = body;
        this.isUp = isUp;
    }

    Message message() {
        Message made = message;
        if (made == null) {
            made = body.toMessage();
            message = made;
        }
        return made;
    }

    @Override
    public String toString() {
        return (isUp ? "up" : "down") + " message " + id + " (number " + number + ", " + body.bytes.length + " bytes)";
    }
}
