package io.everwire;

/**
 * How a send ended. There are three words and no fourth.
 *
 * @param outcome what is known of the message
 * @param reason a sentence for {@link Outcome#UNKNOWN} and {@link Outcome#NOT_SENT}, empty for {@link Outcome#CONFIRMED}
 */
public record Delivery(Outcome outcome, String reason) {
    /** The message reached the peer's endpoint. */
    public static final Delivery CONFIRMED = new Delivery(Outcome.CONFIRMED, "");

    /** The reason of a send that found the outbound queue full. */
    public static final String FULL = "full";

    /** The reason of a queued message that a newer one with the same key replaced. */
    public static final String REPLACED = "replaced by a newer message with the same key";

    /** The reason of a message whose time to live ended before it could be written. */
    public static final String EXPIRED = "its time to live ended in the queue";

    /** What is known of a message once its send has ended. */
    public enum Outcome {
        /**
         * A pong proved that the peer's endpoint has read the message: WebSocket is ordered, and the ping was written after
         * the message. It does not prove that the application behind the endpoint has handled it, and a proxy that ends
         * WebSocket itself answers for the peer.
         */
        CONFIRMED,
        /** The message was written, never confirmed, and the connection is gone: it may or may not have arrived. */
        UNKNOWN,
        /** The message certainly did not arrive: its last byte was never written. */
        NOT_SENT
    }

    /** Makes an {@link Outcome#UNKNOWN} with its reason. */
    public static Delivery unknown(String reason) {
        return new Delivery(Outcome.UNKNOWN, reason);
    }

    /** Makes a {@link Outcome#NOT_SENT} with its reason. */
    public static Delivery notSent(String reason) {
        return new Delivery(Outcome.NOT_SENT, reason);
    }

    /** Tells whether the outcome is {@link Outcome#CONFIRMED}. */
    public boolean isConfirmed() {
        return outcome == Outcome.CONFIRMED;
    }

    @Override
    public String toString() {
        return reason.isEmpty() ? outcome.name() : outcome + "(" + reason + ")";
    }
}
