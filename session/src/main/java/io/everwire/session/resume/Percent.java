package io.everwire.session.resume;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Percent-encoding of free text in a control message: everything that is not visible ASCII, and {@code %} itself. */
final class Percent {
    private static final String HEX = "0123456789ABCDEF";

    private Percent() {}

    static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet > ' ' && octet < 0x7f && octet != '%') {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append(HEX.charAt((octet >> 4) & 0xf)).append(HEX.charAt(octet & 0xf));
            }
        }
        return encoded.toString();
    }

    /** Returns the text, or null when a {@code %} is not followed by two hexadecimal digits or the bytes are not UTF-8. */
    static @Nullable String decode(String visibleAscii) {
        ByteBuffer decoded = ByteBuffer.allocate(visibleAscii.length());
        for (int i = 0; i < visibleAscii.length(); i++) {
            char c = visibleAscii.charAt(i);
            if (c != '%') {
                decoded.put((byte) c);
                continue;
            }
            int high = i + 2 < visibleAscii.length() ? Character.digit(visibleAscii.charAt(i + 1), 16) : -1;
            int low = i + 2 < visibleAscii.length() ? Character.digit(visibleAscii.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return null;
            }
            decoded.put((byte) ((high << 4) | low));
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
