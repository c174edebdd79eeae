package io.everwire.protocol;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The payload of a close frame (RFC 6455 §5.5.1): nothing, or a close code and a close reason. */
final class ClosePayload {
    private static final int CODE_BYTES = 2;

    private ClosePayload() {}

    /** Returns why the payload is refused, or null. */
    static @Nullable CloseStatus failure(ByteBuf bytes, int index, int length) {
        if (length == 0) {
            return null;
        }
        // §5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer".
        if (length < CODE_BYTES) {
            return new CloseStatus(
                    CloseCode.PROTOCOL_ERROR,
                    "the close frame has 1 byte; it must be empty or begin with a 2-byte code");
        }
        int code = bytes.getUnsignedShort(index);
        // §7.4.1, of 1005, 1006 and 1015: "is a reserved value and MUST NOT be set as a status code in a Close control
        // frame by an endpoint"; the other codes without a meaning are §7.4.2's.
        if (!CloseCode.isSendable(code)) {
            return new CloseStatus(
                    CloseCode.PROTOCOL_ERROR, "close code " + code + " must not be sent in a close frame");
        }
        Utf8Validator utf8 = new Utf8Validator();
        int impossible = utf8.validate(bytes, index + CODE_BYTES, length - CODE_BYTES);
        // §5.5.1: "the body MAY contain UTF-8-encoded data with value /reason/".
        if (impossible >= 0 || !utf8.isBetweenCharacters()) {
            return new CloseStatus(
                    CloseCode.INVALID_PAYLOAD,
                    "the close reason of " + (length - CODE_BYTES) + " bytes after code " + code + " is not UTF-8");
        }
        return null;
    }

    /** Returns what a payload without a failure says; null when it is empty. */
    static @Nullable CloseStatus read(ByteBuf bytes, int index, int length) {
        if (length == 0) {
            return null;
        }
        String reason = bytes.toString(index + CODE_BYTES, length - CODE_BYTES, StandardCharsets.UTF_8);
        return new CloseStatus(bytes.getUnsignedShort(index), reason);
    }
}
