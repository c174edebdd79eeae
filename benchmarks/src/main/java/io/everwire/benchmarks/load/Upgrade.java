package io.everwire.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The opening handshake, always with the same key: the answer is known before it comes. */
final class Upgrade {
    /** The key and the answer of RFC 6455 §1.3. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    /** An empty line, as an int. */
    static final int END = 0x0D0A0D0A;

    private static final int LONGEST_ANSWER = 8 << 10;

    private Upgrade() {}

    /**
     * Returns a request, ready to be written.
     *
     * @param more header lines, each with its end
     */
    static ByteBuffer request(String path, int port, String more) {
        String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + KEY
                + "\r\nSec-WebSocket-Version: 13\r\n" + more + "\r\n";
        byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Opens a connection, blocking, and returns the answer; what follows it stays in the kernel. */
    static String open(SocketChannel channel, String path, int port, String more) throws IOException {
        ByteBuffer request = request(path, port, more);
        while (request.hasRemaining()) {
            channel.write(request);
        }
        // A byte at a time: a server may write its first frame along with its answer.
        ByteBuffer answer = ByteBuffer.allocate(LONGEST_ANSWER);
        int end = 0;
        do {
            answer.limit(answer.position() + 1);
            if (channel.read(answer) < 0) {
                throw new LoadException("the server hung up during the opening handshake");
            }
            end = end << Byte.SIZE | (answer.get(answer.position() - 1) & 0xFF);
        } while (end != END && answer.position() < LONGEST_ANSWER);
        check(answer.array(), answer.position());
        return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }

    /**
     * Returns the last four bytes after some more have come, and {@link #END} once the answer is whole: a ping may stand behind it
     * already.
     */
    static int endAfter(int before, byte[] more, int length) {
        int end = before;
        for (int i = 0; i < length && end != END; i++) {
            end = end << Byte.SIZE | (more[i] & 0xFF);
        }
        return end;
    }

    /** Throws unless the answer lets us in. */
    static void check(byte[] answer, int length) throws LoadException {
        String text = new String(answer, 0, length, StandardCharsets.US_ASCII);
        if (!text.startsWith("HTTP/1.1 101 ") || !text.contains(ACCEPT)) {
            throw new LoadException("the opening handshake was answered with "
                    + text.lines().findFirst().orElse("nothing"));
        }
    }
}
