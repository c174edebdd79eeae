package io.everwire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One complete text or binary message, immutable and free to keep.
 *
 * <p>For work without a copy see {@link MessageView}.
 */
public final class Message {
    private final byte[] payload;
    private final boolean isText;
    private final long number;

    private Message(byte[] payload, boolean isText, long number) {
        this.payload = payload;
        this.isText = isText;
        this.number = number;
    }

    /**
     * Makes a text message.
     *
     * @param text any string; a lone surrogate becomes {@code ?}
     */
    public static Message text(String text) {
        return new Message(text.getBytes(StandardCharsets.UTF_8), true, 0);
    }

    /**
     * Makes a binary message from a copy of the bytes.
     *
     * @param payload the payload, possibly empty
     */
    public static Message binary(byte... payload) {
        return new Message(payload.clone(), false, 0);
    }

    /**
     * Makes a message from a copy of a buffer's remaining bytes; the buffer's position does not move.
     *
     * @param isText whether the bytes are UTF-8 text; they are not checked here
     * @param payload the payload, possibly empty
     */
    public static Message copyOf(boolean isText, ByteBuffer payload) {
        return received(isText, payload, 0);
    }

    /**
     * Makes a message from a copy of what was received in a resumable session.
     *
     * @param number see {@link #number()}
     */
    public static Message received(boolean isText, ByteBuffer payload, long number) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return new Message(bytes, isText, number);
    }

    /**
     * Returns the number of a message that was received in a resumable session, from 1; otherwise 0. With {@link
     * Session#sessionId()} it names the message for good, also when a crash makes the server hand it over again: an application
     * that stores both along with what a message does, and skips what it has stored, does it exactly once. Not part of equality.
     */
    public long number() {
        return number;
    }

    /** Tells whether this is a text message; otherwise it is binary. */
    public boolean isText() {
        return isText;
    }

    /** Returns the payload as text; a binary message's bytes are read as UTF-8. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** Returns a read-only view of the payload, from its first byte to its last. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(payload).asReadOnlyBuffer();
    }

    /** Returns the payload's size in bytes. */
    public int length() {
        return payload.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Message message && isText == message.isText && Arrays.equals(payload, message.payload);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(payload) + Boolean.hashCode(isText);
    }

    /** Returns the kind and the size, never the payload: messages do not leak into logs. */
    @Override
    public String toString() {
        return (isText ? "text" : "binary") + " message of " + payload.length + " bytes";
    }
}
