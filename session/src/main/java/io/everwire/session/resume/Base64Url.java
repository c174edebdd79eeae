package io.everwire.session.resume;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** RFC 4648 §5 without padding, read strictly: each value has one spelling. */
final class Base64Url {
    private Base64Url() {}

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Returns the bytes; null for padding, a foreign character, or unused bits that are not 0. */
    static byte @Nullable [] decode(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            // The JDK's decoder takes padding and stray bits: the spelling is checked by writing it again.
            return encode(bytes).equals(text) ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Returns the bytes; null also when they are not as many as they must be. */
    static byte @Nullable [] decode(String text, int length) {
        // 4 characters for each 3 bytes; the question comes first, so that nothing long is decoded in vain.
        byte[] bytes = text.length() == (length * 8 + 5) / 6 ? decode(text) : null;
        return bytes != null && bytes.length == length ? bytes : null;
    }
}
