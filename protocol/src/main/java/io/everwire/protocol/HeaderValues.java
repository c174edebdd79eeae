package io.everwire.protocol;

import java.util.ArrayList;
import java.util.List;

/** Readers of header values after RFC 9110 §5.6; each looks at every character at most a fixed number of times. */
final class HeaderValues {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final int MOST_QUOTED = 64;

    private HeaderValues() {}

    /** Returns the elements of a comma-separated list that may span several lines, empty elements included. */
    static List<String> elements(List<String> values) {
        List<String> elements = new ArrayList<>();
        for (String value : values) {
            int from = 0;
            for (int comma = value.indexOf(','); comma >= 0; comma = value.indexOf(',', from)) {
                elements.add(trim(value, from, comma));
                from = comma + 1;
            }
            elements.add(trim(value, from, value.length()));
        }
        return elements;
    }

    /** RFC 9110 §5.6.3: optional whitespace is spaces and tabs, nothing else. */
    private static String trim(String value, int from, int to) {
        int first = from;
        int last = to;
        while (first < last && isWhitespace(value.charAt(first))) {
            first++;
        }
        while (last > first && isWhitespace(value.charAt(last - 1))) {
            last--;
        }
        return value.substring(first, last);
    }

    static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t';
    }

    static boolean containsToken(List<String> values, String token) {
        for (String element : elements(values)) {
            if (element.equalsIgnoreCase(token)) {
                return true;
            }
        }
        return false;
    }

    /** RFC 9110 §5.6.2: one or more letters, digits and the fifteen marks that are not separators. */
    static boolean isToken(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (!isTokenCharacter(value.charAt(i))) {
                return false;
            }
        }
        return !value.isEmpty();
    }

    static boolean isTokenCharacter(char c) {
        boolean isAlphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return isAlphanumeric || TOKEN_MARKS.indexOf(c) >= 0;
    }

    /** Returns what a peer sent, safe to log: quoted, cut to a few characters, and nothing but printable ASCII. */
    static String quote(String value) {
        StringBuilder quoted = new StringBuilder().append('"');
        for (int i = 0; i < Math.min(value.length(), MOST_QUOTED); i++) {
            char c = value.charAt(i);
            quoted.append(c >= ' ' && c <= '~' && c != '"' ? c : '?');
        }
        return quoted.append(value.length() > MOST_QUOTED ? "...\"" : "\"").toString();
    }

    /** Returns what a peer sent in all lines of one header, safe to log. */
    static String quote(List<String> values) {
        return values.isEmpty() ? "none" : quote(String.join(", ", values));
    }
}
