package io.everwire.benchmarks.load;

import java.nio.ByteBuffer;

/** Follows what one connection sends back: counts whole messages and checks them. */
abstract class Echoes {
    /** Takes all that the buffer holds and returns how many messages were completed. */
    abstract int take(ByteBuffer received) throws LoadException;

    /** Compares the whole payload of the first message in what was received. */
    abstract void compareFirst(ByteBuffer received) throws LoadException;

    /** Of a raw server: it must return as many bytes as it was sent. */
    static final class Raw extends Echoes {
        private final Frames frames;
        private final int frameBytes;
        private long bytes;

        Raw(Frames frames) {
            this.frames = frames;
            frameBytes = frames.frameBytes();
        }

        @Override
        int take(ByteBuffer received) {
            long before = bytes / frameBytes;
            bytes += received.remaining();
            received.position(received.limit());
            return (int) (bytes / frameBytes - before);
        }

        @Override
        void compareFirst(ByteBuffer received) throws LoadException {
            requireEqual(received.slice(received.position(), frameBytes)
                    .equals(frames.block().limit(frameBytes)));
        }
    }

    private static void requireEqual(boolean isEqual) throws LoadException {
        if (!isEqual) {
            throw new LoadException("the first message came back with another payload");
        }
    }

    /** Of a WebSocket server: every header is read, every message's kind and length are checked, and some payloads whole. */
    static final class Framed extends Echoes {
        private static final int FIN = 0x80;
        private static final int OPCODE = 0x0F;
        private static final int RESERVED = 0x70;
        private static final int TEXT = 1;
        private static final int CLOSE = 8;
        private static final int LONGEST_HEADER = 10;
        /** One message in so many is compared, if it lies whole in one read. */
        private static final int SAMPLE = 1_024;

        private final Frames frames;
        private final int opcode;
        private final boolean hasSessions;
        private final boolean isCompressed;
        private final int messageBytes;
        private final ByteBuffer header = ByteBuffer.allocate(LONGEST_HEADER);
        private long left;
        private long soFar;
        private int count;
        private boolean isLast;
        private boolean isControl;
        private boolean isInside;

        /**
         * Begins with the first frame after the opening.
         *
         * @param hasSessions whether text between the messages is {@code everwire.v1}'s own; the messages are binary then
         */
        Framed(Frames frames, boolean hasSessions) {
            this.frames = frames;
            this.hasSessions = hasSessions;
            opcode = frames.opcode();
            isCompressed = frames.isCompressed();
            messageBytes = frames.payloadBytes();
        }

        @Override
        int take(ByteBuffer received) throws LoadException {
            int before = count;
            while (received.hasRemaining()) {
                if (left == 0 && !takeHeader(received)) {
                    break;
                }
                int part = (int) Math.min(left, received.remaining());
                received.position(received.position() + part);
                left -= part;
                if (left == 0) {
                    endFrame();
                }
            }
            return count - before;
        }

        /** Reads a header, which may come in pieces; returns false when it is not whole yet. */
        private boolean takeHeader(ByteBuffer received) throws LoadException {
            if (header.position() == 0 && received.remaining() >= 2) {
                int second = received.get(received.position() + 1) & 0xFF;
                int bytes = headerBytes(second);
                if (received.remaining() >= bytes) {
                    int at = received.position();
                    received.position(at + bytes);
                    begin(received.get(at) & 0xFF, length(received, at, second), received);
                    return true;
                }
            }
            while (received.hasRemaining()) {
                header.put(received.get());
                int second = header.position() < 2 ? 0 : header.get(1) & 0xFF;
                int bytes = headerBytes(second);
                if (header.position() >= bytes) {
                    begin(header.get(0) & 0xFF, length(header, 0, second), received);
                    header.clear();
                    return true;
                }
            }
            return false;
        }

        private static int headerBytes(int second) {
            return second < 126 ? 2 : second == 126 ? 4 : LONGEST_HEADER;
        }

        private static long length(ByteBuffer from, int at, int second) {
            return second < 126 ? second : second == 126 ? from.getShort(at + 2) & 0xFFFF : from.getLong(at + 2);
        }

        private void begin(int first, long length, ByteBuffer received) throws LoadException {
            int code = first & OPCODE;
            if (code == CLOSE) {
                throw new LoadException("the server closed the connection" + closeCode(length, received));
            }
            isControl = isControl(code);
            // Only the first frame of a message says whether it is compressed, RFC 7692 §6.
            int reserved = isCompressed && !isControl && !isInside ? Frames.COMPRESSED : 0;
            if ((first & RESERVED) != reserved) {
                String bits = reserved == 0 ? "a reserved bit" : "other reserved bits than RSV1 for compressed";
                throw new LoadException("a frame came with " + bits + ": its first byte is " + first);
            }
            if (!isControl) {
                if (code != (isInside ? 0 : opcode)) {
                    throw new LoadException(
                            "a frame came with opcode " + code + " instead of " + (isInside ? 0 : opcode));
                }
                isLast = (first & FIN) != 0;
                if (isLast && !isInside) {
                    sample(length, received);
                }
                isInside = !isLast;
                soFar += length;
            }
            left = length;
            if (length == 0) {
                endFrame();
            }
        }

        private static String closeCode(long length, ByteBuffer received) {
            return length >= 2 && received.remaining() >= 2 ? " with " + (received.getShort() & 0xFFFF) : "";
        }

        private boolean isControl(int code) {
            return code > CLOSE || (hasSessions && code == TEXT);
        }

        private void sample(long length, ByteBuffer received) throws LoadException {
            if ((count & SAMPLE - 1) == 0
                    && (isCompressed || length == messageBytes)
                    && received.remaining() >= length
                    && !frames.isEchoed(received.slice(received.position(), (int) length))) {
                throw new LoadException("message " + count + " came back with another payload");
            }
        }

        @Override
        void compareFirst(ByteBuffer received) throws LoadException {
            ByteBuffer from = received.duplicate();
            ByteBuffer message = ByteBuffer.allocate(from.remaining());
            boolean isWhole = false;
            while (!isWhole) {
                int first = from.get(from.position()) & 0xFF;
                int second = from.get(from.position() + 1) & 0xFF;
                int bytes = (int) length(from, from.position(), second);
                from.position(from.position() + headerBytes(second));
                if (!isControl(first & OPCODE)) {
                    message.put(from.slice(from.position(), bytes));
                    isWhole = (first & FIN) != 0;
                }
                from.position(from.position() + bytes);
            }
            requireEqual(frames.isEchoed(message.flip()));
        }

        private void endFrame() throws LoadException {
            if (isControl) {
                // A ping of a busy connection: the next message answers it well enough.
                isControl = false;
            } else if (isLast) {
                if (!isCompressed && soFar != messageBytes) {
                    throw new LoadException(soFar + " bytes came back instead of " + messageBytes);
                }
                soFar = 0;
                count++;
                isLast = false;
            }
        }
    }
}
