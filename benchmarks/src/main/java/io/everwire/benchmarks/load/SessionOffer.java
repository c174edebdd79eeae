package io.everwire.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;

/** The opening of {@code everwire.v1} by a client that is new; see {@code docs/protocol.md}, section 5. */
final class SessionOffer {
    /** The server may send 1,024 messages without an acknowledgement; it has one long before. */
    static final int MESSAGES_AN_ACK = 64;

    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int MASKED = 0x80;
    private static final int TEXT = 0x81;
    private static final int NONCE_BYTES = 8;
    private static final int LONGEST_HELLO = 4 << 10;
    /** The varint of 1,024: KiB of window, and messages. */
    private static final byte[] VARINT_1024 = {(byte) 0x80, 8};

    /** The varint of 1 MiB less 64: the largest message. */
    private static final byte[] LARGEST = {(byte) 0xC0, (byte) 0xFF, 0x3F};

    private SessionOffer() {}

    /** Returns the header of the upgrade request that offers a session. */
    static String header(Random random) {
        ByteBuffer offer = ByteBuffer.allocate(2 + NONCE_BYTES + 2 * VARINT_1024.length + LARGEST.length);
        offer.put((byte) 1)
                .put((byte) 0)
                .putLong(random.nextLong())
                .put(VARINT_1024)
                .put(VARINT_1024)
                .put(LARGEST);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(offer.array());
        return "Sec-WebSocket-Protocol: everwire.v1, everwire.v1." + token + "\r\n";
    }

    /** Reads the server's hello and acknowledges it, blocking. */
    static void greet(SocketChannel channel) throws IOException {
        ByteBuffer header = read(channel, 2);
        if ((header.get(0) & 0xFF) != TEXT) {
            throw new LoadException("the server began a session with a frame of " + (header.get(0) & 0xFF));
        }
        int length = header.get(1) & 0x7F;
        length = length < 126 ? length : read(channel, 2).getShort(0) & 0xFFFF;
        if (length > LONGEST_HELLO) {
            throw new LoadException("the server's hello has " + length + " bytes");
        }
        String hello = StandardCharsets.US_ASCII.decode(read(channel, length)).toString();
        if (!hello.startsWith("\0hello ") || !hello.contains("status=new")) {
            throw new LoadException("the server's first message is no hello to a new session");
        }
        ByteBuffer ack = ack(0);
        while (ack.hasRemaining()) {
            channel.write(ack);
        }
    }

    /** Returns the frame that acknowledges all messages up to a number; its mask is zero. */
    static ByteBuffer ack(long number) {
        byte[] text = ("\0ack n=" + number).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(6 + text.length)
                .put((byte) TEXT)
                .put((byte) (MASKED | text.length))
                .putInt(0)
                .put(text)
                .flip();
    }

    private static ByteBuffer read(SocketChannel channel, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new LoadException("the server hung up before its hello");
            }
        }
        return buffer.flip();
    }
}
