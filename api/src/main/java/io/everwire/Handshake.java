package io.everwire;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What both ends agreed on when the connection was opened.
 *
 * @param path the path of the request, percent-encoded as it came, at least {@code /}
 * @param query the query without {@code ?}, percent-encoded as it came, empty when there is none
 * @param headers the peer's headers by lower-case name: the request's on a server, the response's on a client
 * @param remoteAddress the peer's address
 * @param subprotocol the subprotocol agreed on, null for none (RFC 6455 §1.9)
 */
public record Handshake(
        String path,
        String query,
        Map<String, List<String>> headers,
        InetSocketAddress remoteAddress,
        @Nullable String subprotocol) {
    /** Copies the headers. */
    public Handshake {
        headers = Map.copyOf(headers);
    }

    /**
     * Returns a header's first value, or null when it is absent.
     *
     * @param name in any case
     */
    public @Nullable String header(String name) {
        List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
        return values == null || values.isEmpty() ? null : values.get(0);
    }

    /** Returns path and addresses, never a query or a header: handshakes do not leak into logs. */
    @Override
    public String toString() {
        return "handshake of " + path + " with " + remoteAddress
                + (subprotocol == null ? "" : ", subprotocol " + subprotocol);
    }
}
