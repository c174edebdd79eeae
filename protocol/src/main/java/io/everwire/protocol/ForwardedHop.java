package io.everwire.protocol;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy says of whoever connected to it, in {@code Forwarded} (RFC 7239) or {@code X-Forwarded-For}.
 *
 * @param node the {@code for} as it was written, without quotes; null when the proxy does not say
 * @param isSecure whether that connection was TLS; null when the proxy does not say
 */
public record ForwardedHop(@Nullable String node, @Nullable Boolean isSecure) {
    private static final int MOST_HOPS = 32;

    /**
     * Reads the headers of a request, {@code Forwarded} before the others. What stands left of something malformed was
     * written by somebody farther away and is left out with it.
     *
     * @param forwarded the values of all {@code Forwarded} lines
     * @param nodes the values of all {@code X-Forwarded-For} lines
     * @param protocols the values of all {@code X-Forwarded-Proto} lines
     * @return the nearest proxy's first, at most 32
     */
    public static List<ForwardedHop> parse(List<String> forwarded, List<String> nodes, List<String> protocols) {
        return forwarded.isEmpty() ? ofLists(nodes, protocols) : ofForwarded(forwarded);
    }

    private static List<ForwardedHop> ofLists(List<String> nodes, List<String> protocols) {
        List<String> hosts = HeaderValues.elements(nodes);
        List<String> schemes = HeaderValues.elements(protocols);
        List<ForwardedHop> hops = new ArrayList<>();
        if (hosts.isEmpty() && !schemes.isEmpty()) {
            hops.add(new ForwardedHop(null, isSecure(schemes.get(schemes.size() - 1))));
        }
        for (int back = 1; back <= Math.min(hosts.size(), MOST_HOPS); back++) {
            // Lists of one length belong together; of others only the last is known to be the nearest proxy's.
            int scheme = schemes.size() - (schemes.size() == hosts.size() ? back : 1);
            hops.add(new ForwardedHop(
                    hosts.get(hosts.size() - back), scheme < 0 ? null : isSecure(schemes.get(scheme))));
        }
        return hops;
    }

    private static List<ForwardedHop> ofForwarded(List<String> lines) {
        List<ForwardedHop> hops = new ArrayList<>();
        for (int i = lines.size() - 1; i >= 0 && hops.size() < MOST_HOPS; i--) {
            List<ForwardedHop> line = new Reader(lines.get(i)).read();
            if (line == null) {
                break;
            }
            Collections.reverse(line);
            hops.addAll(line);
        }
        return hops.subList(0, Math.min(hops.size(), MOST_HOPS));
    }

    private static @Nullable Boolean isSecure(String scheme) {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "https", "wss" -> true;
            case "http", "ws" -> false;
            default -> null;
        };
    }

    /** Reads one line: elements between commas, pairs between semicolons, values that are tokens or quoted (RFC 7239 §4). */
    private static final class Reader {
        private final String line;
        private int at;

        Reader(String line) {
            this.line = line;
        }

        @Nullable List<ForwardedHop> read() {
            List<ForwardedHop> hops = new ArrayList<>();
            do {
                ForwardedHop hop = element();
                if (hop == null) {
                    return null;
                }
                hops.add(hop);
            } while (take(','));
            return at == line.length() ? hops : null;
        }

        private @Nullable ForwardedHop element() {
            String node = null;
            Boolean isSecure = null;
            do {
                skipSpace();
                String name = token();
                if (name.isEmpty() || !take('=')) {
                    return null;
                }
                String value = take('"') ? quoted() : token();
                if (value == null || value.isEmpty()) {
                    return null;
                }
                if (name.equalsIgnoreCase("for")) {
                    node = value;
                } else if (name.equalsIgnoreCase("proto")) {
                    isSecure = isSecure(value);
                }
                skipSpace();
            } while (take(';'));
            return new ForwardedHop(node, isSecure);
        }

        private String token() {
            int from = at;
            while (at < line.length() && HeaderValues.isToken(line.substring(at, at + 1))) {
                at++;
            }
            return line.substring(from, at);
        }

        private @Nullable String quoted() {
            StringBuilder value = new StringBuilder();
            while (at < line.length()) {
                char c = line.charAt(at++);
                if (c == '"') {
                    return value.toString();
                }
                if (c == '\\' && at < line.length()) {
                    c = line.charAt(at++);
                }
                value.append(c);
            }
            return null;
        }

        private boolean take(char wanted) {
            boolean isThere = at < line.length() && line.charAt(at) == wanted;
            at += isThere ? 1 : 0;
            return isThere;
        }

        private void skipSpace() {
            while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
                at++;
            }
        }
    }
}
