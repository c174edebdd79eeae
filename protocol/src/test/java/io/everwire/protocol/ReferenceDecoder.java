package io.everwire.protocol;

import io.everwire.CloseStatus;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A slow, obvious decoder of everything a peer ever sent, to compare {@link FrameReceiver} with. It writes the same lines
 * as {@link Reading}, without the reasons of failures.
 */
final class ReferenceDecoder {
    private final boolean isServer;
    private final int messageBytes;
    private final int mostFragments;
    private final List<String> events = new ArrayList<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int messageOpcode;
    private int fragments;
    private int at;

    private ReferenceDecoder(Role role, int messageBytes, int mostFragments) {
        this.isServer = role == Role.SERVER;
        this.messageBytes = messageBytes;
        this.mostFragments = mostFragments;
    }

    static List<String> events(Role role, int messageBytes, int mostFragments, byte[] wire) {
        ReferenceDecoder decoder = new ReferenceDecoder(role, messageBytes, mostFragments);
        while (decoder.frame(wire)) {}
        return decoder.events;
    }

    private boolean failed(int code) {
        events.add("FAILED " + code);
        return false;
    }

    private boolean frame(byte[] wire) {
        int left = wire.length - at;
        if (left == 0) {
            return false;
        }
        int first = wire[at] & 0xFF;
        boolean fin = first >= 0x80;
        int opcode = first % 16;
        boolean isControl = opcode >= 8;
        if ((first / 16) % 8 != 0 || !List.of(0, 1, 2, 8, 9, 10).contains(opcode) || (isControl && !fin)) {
            return failed(1002);
        }
        if (left == 1) {
            return false;
        }
        int second = wire[at + 1] & 0xFF;
        int shortLength = second % 128;
        if ((second >= 128) != isServer || (isControl && shortLength > 125)) {
            return failed(1002);
        }
        int extended = shortLength == 127 ? 8 : shortLength == 126 ? 2 : 0;
        if (left < 2 + extended) {
            return false;
        }
        BigInteger length = extended == 0
                ? BigInteger.valueOf(shortLength)
                : new BigInteger(1, Arrays.copyOfRange(wire, at + 2, at + 2 + extended));
        BigInteger least = BigInteger.valueOf(extended == 8 ? 65_536 : extended == 2 ? 126 : 0);
        if (length.bitLength() == 64 || length.compareTo(least) < 0) {
            return failed(1002);
        }
        int headerBytes = 2 + extended + (isServer ? 4 : 0);
        if (left < headerBytes) {
            return false;
        }
        if (!isControl) {
            if ((opcode == 0) == (messageOpcode == 0)) {
                return failed(1002);
            }
            if (length.add(BigInteger.valueOf(message.size())).compareTo(BigInteger.valueOf(messageBytes)) > 0
                    || ++fragments > mostFragments) {
                return failed(1009);
            }
        }
        int whole = length.intValueExact();
        byte[] payload = Arrays.copyOfRange(wire, at + headerBytes, at + Math.min(left, headerBytes + whole));
        for (int i = 0; isServer && i < payload.length; i++) {
            payload[i] ^= wire[at + headerBytes - 4 + i % 4];
        }
        boolean isWhole = left >= headerBytes + whole;
        at += headerBytes + whole;
        return isControl ? isWhole && control(opcode, payload) : data(opcode, fin, payload, isWhole);
    }

    private boolean data(int opcode, boolean fin, byte[] payload, boolean isWhole) {
        messageOpcode = opcode == 0 ? messageOpcode : opcode;
        message.writeBytes(payload);
        boolean isEnd = isWhole && fin;
        if (messageOpcode == 1 && !isUtf8(message.toByteArray(), isEnd)) {
            return failed(1007);
        }
        if (isEnd) {
            byte[] all = message.toByteArray();
            events.add(
                    messageOpcode == 1
                            ? "TEXT " + new String(all, StandardCharsets.UTF_8)
                            : "BINARY " + ByteBufUtil.hexDump(all));
            message.reset();
            messageOpcode = 0;
            fragments = 0;
        }
        return isWhole;
    }

    private boolean control(int opcode, byte[] payload) {
        if (opcode != 8) {
            events.add((opcode == 9 ? "PING " : "PONG ") + new String(payload, StandardCharsets.UTF_8));
            return true;
        }
        if (payload.length == 0) {
            events.add("CLOSE null");
            return false;
        }
        int code = payload.length == 1 ? 0 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        boolean isRegistered = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
        if (!isRegistered && (code < 3000 || code > 4999)) {
            return failed(1002);
        }
        byte[] reason = Arrays.copyOfRange(payload, 2, payload.length);
        if (!isUtf8(reason, true)) {
            return failed(1007);
        }
        String text = new String(reason, StandardCharsets.UTF_8);
        events.add("CLOSE " + new CloseStatus(code, text));
        return false;
    }

    /** Tells whether the text is UTF-8, or, when it is not complete, whether some ending would make it so. */
    static boolean isUtf8(byte[] text, boolean isComplete) {
        if (isUtf8(text)) {
            return true;
        }
        for (int length = 1; !isComplete && length <= 3; length++) {
            for (int second : new int[] {0x80, 0x90, 0xA0}) {
                byte[] ending = Arrays.copyOf(Wire.bytes(second, 0x80, 0x80), length);
                if (isUtf8(Wire.join(text, ending))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isUtf8(byte[] text) {
        CharBuffer characters = CharBuffer.allocate(text.length + 1);
        return !StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(text), characters, true)
                .isError();
    }
}
