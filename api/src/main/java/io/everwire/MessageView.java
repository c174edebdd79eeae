package io.everwire;

import java.nio.ByteBuffer;

/**
 * A borrowed view of a received message: valid only during the callback that is given it, and made without an allocation.
 *
 * <p>Echo or forward it with {@link Session#trySend(MessageView)}; keep it with {@link #toMessage()}. Using it after the
 * callback has returned throws {@link IllegalStateException}.
 */
public interface MessageView {
    /** Tells whether this is a text message; otherwise it is binary. */
    boolean isText();

    /** Returns the number of a message received in a resumable session, otherwise 0; see {@link Message#number()}. */
    long number();

    /** Returns the payload's size in bytes. */
    int length();

    /**
     * Returns one byte of the payload.
     *
     * @param index from 0 to {@code length() - 1}
     * @throws IndexOutOfBoundsException when the index is outside the payload
     */
    byte at(int index);

    /**
     * Copies the payload into a buffer and advances its position by {@link #length()}.
     *
     * @param target a buffer with at least {@link #length()} bytes remaining
     * @throws java.nio.BufferOverflowException when the target has too little room; nothing is copied then
     */
    void copyTo(ByteBuffer target);

    /** Returns a copy that may be kept. */
    Message toMessage();
}
