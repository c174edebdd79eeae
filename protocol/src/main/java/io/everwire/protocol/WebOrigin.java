package io.everwire.protocol;

import org.jspecify.annotations.Nullable;

/**
 * An origin as browsers compare them (RFC 6454 §4): scheme, host and port.
 *
 * @param scheme {@code http}, {@code https} or another one, in lower case
 * @param host a name or an address in lower case, an IPv6 one in brackets
 * @param port 1 to 65535, the scheme's own when none was written
 */
public record WebOrigin(String scheme, String host, int port) {
    private static final int LONGEST_HOST = 255;
    private static final int HIGHEST_PORT = 65_535;

    /**
     * Reads an origin in the form in which browsers write it (RFC 6454 §6.2): lower case, ASCII, no user, no path.
     *
     * @return null for anything else, also for {@code null} and for lists
     */
    public static @Nullable WebOrigin parse(String serialized) {
        int colon = serialized.indexOf("://");
        if (colon < 1 || !isScheme(serialized.substring(0, colon))) {
            return null;
        }
        return of(serialized.substring(0, colon), serialized.substring(colon + 3));
    }

    /**
     * Makes the origin of a page that the addressed server itself would serve.
     *
     * @param host a request's {@code Host}, in any case
     * @return null when it is no host with an optional port
     */
    public static @Nullable WebOrigin ofHost(boolean isSecure, String host) {
        StringBuilder lower = new StringBuilder(host.length());
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            lower.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
        }
        return of(isSecure ? "https" : "http", lower.toString());
    }

    private static @Nullable WebOrigin of(String scheme, String authority) {
        int bracket = authority.lastIndexOf(']');
        int colon = authority.indexOf(':', Math.max(0, bracket));
        String host = colon < 0 ? authority : authority.substring(0, colon);
        int port = colon < 0 ? defaultPort(scheme) : portOf(authority.substring(colon + 1));
        return isHost(host) && port > 0 ? new WebOrigin(scheme, host, port) : null;
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            // Other schemes, of extensions and apps for example, have no port; they are compared by name.
            default -> HIGHEST_PORT;
        };
    }

    private static int portOf(String digits) {
        int port = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9' || port > HIGHEST_PORT) {
                return -1;
            }
            port = port * 10 + (c - '0');
        }
        return port <= HIGHEST_PORT && !digits.startsWith("0") ? port : -1;
    }

    private static boolean isScheme(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isLetter = c >= 'a' && c <= 'z';
            boolean isOther = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
            if (!isLetter && !(isOther && i > 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isHost(String text) {
        boolean isBracketed = text.startsWith("[") && text.endsWith("]") && text.length() > 2;
        int from = isBracketed ? 1 : 0;
        int to = text.length() - from;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            boolean isCommon = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.';
            boolean isOther = isBracketed ? c == ':' : c == '-' || c == '_';
            if (!isCommon && !isOther) {
                return false;
            }
        }
        return to > from && text.length() <= LONGEST_HOST;
    }
}
