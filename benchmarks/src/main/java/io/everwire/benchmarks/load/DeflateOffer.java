package io.everwire.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** permessage-deflate (RFC 7692) by a client that keeps no context: each of its messages, and each that it gets, stands by itself. */
final class DeflateOffer {
    private static final String OFFERED = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";

    /** The line of the upgrade request that offers it. */
    static final String HEADER = "Sec-WebSocket-Extensions: " + OFFERED + "\r\n";

    /** What a sender leaves out and a receiver appends, RFC 7692 §7.2.1 and §7.2.2. */
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    private DeflateOffer() {}

    /** Throws unless a server's answer agrees, and each of its messages can be inflated by itself. */
    static void check(String answer) throws LoadException {
        String agreed = extensions(answer);
        if (!agreed.contains("permessage-deflate") || !agreed.contains("server_no_context_takeover")) {
            throw new LoadException("the server was offered " + OFFERED + " and agreed to '" + agreed + "'");
        }
    }

    /** Returns what the answer says of extensions, empty when it says nothing. */
    private static String extensions(String answer) {
        String name = "sec-websocket-extensions:";
        return answer.lines()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElse("");
    }

    /** Returns a message as it is sent. */
    static byte[] compress(byte[] message) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        byte[] compressed = new byte[2 * message.length + TAIL.length];
        deflater.setInput(message);
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(compressed, length - TAIL.length);
    }

    /** Tells whether this is compressed and the message. */
    static boolean isOf(byte[] message, ByteBuffer compressed) {
        Inflater inflater = new Inflater(true);
        // One byte more than what is wanted: what is longer is noticed.
        byte[] inflated = new byte[message.length + 1];
        try {
            inflater.setInput(compressed);
            int length = inflater.inflate(inflated);
            inflater.setInput(TAIL);
            length += inflater.inflate(inflated, length, inflated.length - length);
            return length == message.length && Arrays.equals(message, 0, length, inflated, 0, length);
        } catch (DataFormatException e) {
            return false;
        } finally {
            inflater.end();
        }
    }
}
