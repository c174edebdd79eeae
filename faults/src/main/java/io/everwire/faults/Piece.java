package io.everwire.faults;

import java.nio.ByteBuffer;

/** What leaves a {@link Link} in one direction at one moment. */
public sealed interface Piece {

    /**
     * Bytes, to be written and flushed by themselves.
     *
     * @param bytes the bytes, for reading only; at least one
     */
    record Bytes(ByteBuffer bytes) implements Piece {}

    /** The end of this direction (TCP FIN): the receiver gets no more bytes, but may still send. */
    record End() implements Piece {}

    /** The connection is aborted (TCP RST), after everything that left before. Nothing leaves in this direction again. */
    record Abort() implements Piece {}
}
