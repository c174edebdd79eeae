package io.everwire.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One event as a JSON object (RFC 8259) on one line: its name, its members in order, its time last. Not thread-safe. */
final class JsonLine {
    private final StringBuilder text = new StringBuilder(128);

    private JsonLine() {}

    /** Begins an event. */
    static JsonLine of(String event) {
        JsonLine line = new JsonLine();
        line.text.append('{');
        return line.with("event", event);
    }

    JsonLine with(String name, String value) {
        name(name);
        string(value);
        return this;
    }

    JsonLine with(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    JsonLine with(String name, boolean value) {
        name(name);
        text.append(value);
        return this;
    }

    /** Adds a number that may be unknown: {@code null} then. */
    JsonLine withNullable(String name, @Nullable Long value) {
        name(name);
        text.append(value);
        return this;
    }

    JsonLine with(String name, List<String> values) {
        name(name);
        text.append('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            string(values.get(i));
        }
        text.append(']');
        return this;
    }

    /**
     * Ends the object.
     *
     * @param epochMillis milliseconds since the Unix epoch
     * @return one line without its end
     */
    String at(long epochMillis) {
        return text + ",\"t\":" + epochMillis + "}";
    }

    private void name(String name) {
        if (text.length() > 1) {
            text.append(',');
        }
        string(name);
        text.append(':');
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f || isLone(value, i)) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    /** Half a surrogate pair has no UTF-8 and is escaped (RFC 8259 section 8.2). */
    private static boolean isLone(String value, int index) {
        char c = value.charAt(index);
        if (Character.isHighSurrogate(c)) {
            return index + 1 == value.length() || !Character.isLowSurrogate(value.charAt(index + 1));
        }
        return Character.isLowSurrogate(c) && (index == 0 || !Character.isHighSurrogate(value.charAt(index - 1)));
    }
}
