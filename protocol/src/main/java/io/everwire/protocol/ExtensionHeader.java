package io.everwire.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of {@code Sec-WebSocket-Extensions} (RFC 6455 §9.1), each character once.
 *
 * <pre>
 * extension-list  = 1#extension
 * extension       = extension-token *( ";" extension-param )
 * extension-param = token [ "=" (token | quoted-string) ]
 * </pre>
 */
final class ExtensionHeader {
    private final String text;
    private int at;

    private ExtensionHeader(String text) {
        this.text = text;
    }

    /**
     * One element of the list.
     *
     * @param name of the extension; it is compared with regard to case
     * @param parameters by name, in order; one without a value has the value ""
     * @param isRepeated whether a parameter occurs twice
     */
    record Element(String name, Map<String, String> parameters, boolean isRepeated) {}

    /**
     * Returns the elements of all lines; null when a line does not conform. RFC 6455 §9.1: "the recipient of such malformed data MUST
     * immediately _Fail the WebSocket Connection_."
     */
    static @Nullable List<Element> read(List<String> lines) {
        List<Element> elements = new ArrayList<>();
        for (String line : lines) {
            if (!new ExtensionHeader(line).readLine(elements)) {
                return null;
            }
        }
        return elements;
    }

    private boolean readLine(List<Element> elements) {
        do {
            skipSpace();
            // RFC 9110 §5.6.1: "A recipient MUST parse and ignore a reasonable number of empty list elements".
            if (at < text.length() && text.charAt(at) != ',') {
                Element element = readElement();
                if (element == null) {
                    return false;
                }
                elements.add(element);
            }
        } while (skip(','));
        return at == text.length();
    }

    private @Nullable Element readElement() {
        String name = readToken();
        Map<String, String> parameters = new LinkedHashMap<>();
        boolean isRepeated = false;
        skipSpace();
        while (!name.isEmpty() && skip(';')) {
            skipSpace();
            String parameter = readToken();
            skipSpace();
            String value = "";
            if (skip('=')) {
                skipSpace();
                value = at < text.length() && text.charAt(at) == '"' ? readQuoted() : readToken();
                if (value.isEmpty()) {
                    return null;
                }
                skipSpace();
            }
            if (parameter.isEmpty()) {
                return null;
            }
            isRepeated |= parameters.put(parameter, value) != null;
        }
        return name.isEmpty() ? null : new Element(name, parameters, isRepeated);
    }

    private String readToken() {
        int from = at;
        while (at < text.length() && HeaderValues.isTokenCharacter(text.charAt(at))) {
            at++;
        }
        return text.substring(from, at);
    }

    /** §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF"; empty when it does not. */
    private String readQuoted() {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            if (at == text.length() || !HeaderValues.isTokenCharacter(text.charAt(at))) {
                return "";
            }
            value.append(text.charAt(at++));
        }
        return skip('"') ? value.toString() : "";
    }

    private void skipSpace() {
        while (at < text.length() && HeaderValues.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private boolean skip(char expected) {
        boolean isThere = at < text.length() && text.charAt(at) == expected;
        at += isThere ? 1 : 0;
        return isThere;
    }
}
