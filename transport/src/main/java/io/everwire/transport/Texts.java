package io.everwire.transport;

import io.everwire.CloseStatus;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Text that comes from, or goes to, the network. */
final class Texts {
    private Texts() {}

    /** Cuts a sentence so that it fits a close reason, never inside a character. */
    static String limited(String text) {
        String cut = text;
        while (cut.getBytes(StandardCharsets.UTF_8).length > CloseStatus.MAX_REASON_BYTES) {
            int end = cut.length() - 1;
            cut = cut.substring(0, Character.isLowSurrogate(cut.charAt(end)) ? end - 1 : end);
        }
        return cut;
    }

    /** Replaces control characters, line separators and invisible marks, and cuts at 200 characters: what a peer sent may not break a log line. */
    static String printable(String text) {
        String cut = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return cut.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
    }

    /** Says in words what the kernel reported: native transports put system calls and numbers around it. */
    static String describe(Throwable error) {
        // What a handler of Netty throws while it decodes stands behind its own exception.
        Throwable cause = error instanceof DecoderException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof NotSslRecordException) {
            // Its message holds what came, in hexadecimal: that may be a request with a credential.
            return "what came is no TLS";
        }
        String message = String.valueOf(cause.getMessage()).replaceFirst("^.*failed with error\\(-?\\d+\\): ", "");
        if (!(cause instanceof IOException)) {
            return printable(cause.toString());
        }
        if (message.contains("reset")) {
            return "the peer reset it";
        }
        return message.contains("Broken pipe") ? "the peer does not take bytes any more" : printable(message);
    }
}
