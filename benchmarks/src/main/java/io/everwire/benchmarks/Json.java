package io.everwire.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** As much JSON as results need: objects, lists, strings, numbers. What fits on a line stands on one. */
final class Json {
    private static final int LINE = 160;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static String write(Object value) {
        return write(value, "") + "\n";
    }

    private static String write(Object value, String indent) {
        String inline = inline(value);
        if (!(value instanceof Map || value instanceof List) || indent.length() + inline.length() <= LINE) {
            return inline;
        }
        String deeper = indent + "  ";
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry ->
                            deeper + inline(String.valueOf(entry.getKey())) + ": " + write(entry.getValue(), deeper))
                    .collect(Collectors.joining(",\n", "{\n", "\n" + indent + "}"));
        }
        return ((List<?>) value)
                .stream()
                        .map(element -> deeper + write(element, deeper))
                        .collect(Collectors.joining(",\n", "[\n", "\n" + indent + "]"));
    }

    private static String inline(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> inline(String.valueOf(entry.getKey())) + ": " + inline(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Json::inline).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /**
     * Reads an object; every number is a {@link Double}.
     *
     * @throws IllegalArgumentException when the text is no such object
     */
    static Map<String, Object> readObject(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.skipSpace();
        if (json.at < text.length()) {
            throw json.wrong("the end");
        }
        return object(value);
    }

    /** Returns an object's fields. */
    static Map<String, Object> object(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("an object was expected, not " + value);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        map.forEach((key, field) -> object.put(String.valueOf(key), field));
        return object;
    }

    private Object value() {
        skipSpace();
        char c = peek();
        if (c == '{') {
            return fields();
        }
        if (c == '[') {
            return elements();
        }
        if (c == '"') {
            return string();
        }
        if (text.startsWith("true", at) || text.startsWith("false", at)) {
            boolean value = text.startsWith("true", at);
            at += value ? 4 : 5;
            return value;
        }
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (from == at) {
            throw wrong("a value");
        }
        return Double.valueOf(text.substring(from, at));
    }

    private Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (boolean hasMore = begins('}'); hasMore; hasMore = goesOn('}')) {
            skipSpace();
            String key = string();
            skipSpace();
            expect(':');
            fields.put(key, value());
        }
        return fields;
    }

    private List<Object> elements() {
        List<Object> elements = new ArrayList<>();
        for (boolean hasMore = begins(']'); hasMore; hasMore = goesOn(']')) {
            elements.add(value());
        }
        return elements;
    }

    private boolean begins(char end) {
        at++;
        skipSpace();
        if (peek() == end) {
            at++;
            return false;
        }
        return true;
    }

    private boolean goesOn(char end) {
        skipSpace();
        if (peek() == end) {
            at++;
            return false;
        }
        expect(',');
        return true;
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (peek() != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                string.append(c);
            } else if (peek() == 'u' && at + 5 <= text.length()) {
                string.append((char) Integer.parseInt(text, at + 1, at + 5, 16));
                at += 5;
            } else {
                string.append(text.charAt(at++));
            }
        }
        at++;
        return string.toString();
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("more");
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw wrong("'" + c + "'");
        }
        at++;
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String wanted) {
        return new IllegalArgumentException(wanted + " was expected at character " + at);
    }
}
