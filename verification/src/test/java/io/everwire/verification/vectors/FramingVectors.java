package io.everwire.verification.vectors;

import io.everwire.session.resume.TextFraming;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a text message on the wire is, and what a text becomes on the wire. */
final class FramingVectors {
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "ack n=1",
            "a\0",
            " \0",
            "\u0001",
            "\u00fc",
            "\ud83d\ude00",
            "\0",
            "\0\0",
            "\0ack n=1",
            "\0\0ack n=1",
            "\0\0\0");

    private FramingVectors() {}

    static Map<String, Object> document() {
        List<Object> received = new ArrayList<>();
        List<Object> sent = new ArrayList<>();
        for (String text : TEXTS) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            byte first = bytes.length > 0 ? bytes[0] : 1;
            byte second = bytes.length > 1 ? bytes[1] : 1;
            TextFraming.Kind kind = TextFraming.kindOf(bytes.length, first, second);
            received.add(Json.object(
                    "wire",
                    text,
                    "is",
                    kind == TextFraming.Kind.CONTROL ? "control" : "data",
                    "text",
                    switch (kind) {
                        case DATA -> text;
                        case ESCAPED -> text.substring(1);
                        case CONTROL -> null;
                    }));
            boolean needsEscape = bytes.length > 0 && TextFraming.needsEscape(first);
            sent.add(Json.object("text", text, "wire", needsEscape ? "\0" + text : text));
        }
        return Json.object("received", received, "sent", sent);
    }
}
