package io.everwire;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What both ends agreed on when the connection was opened.
 *
 * @param path the path of the request, percent-encoded as it came, at least {@code /}
 * @param query the query without {@code ?}, percent-encoded as it came, empty when there is none
 * @param headers the peer's headers by lower-case name: the request's on a server, the response's on a client; a server's session keeps
 *     neither {@code Sec-WebSocket-Key}, which means nothing once it is answered, nor what is offered for {@code everwire.v1}; who
 *     decides on the request is shown both
 * @param remoteAddress the peer's address; on a server behind trusted proxies, the address that they forward, with port 0
 *     when they name none; on a client behind a proxy, the proxy's
 * @param subprotocol the subprotocol agreed on, null for none (RFC 6455 §1.9)
 * @param peerAddress the other end of the TCP connection: the peer, or the last proxy before it
 * @param principal who the peer is: what the server's authenticator granted, else the subject of a verified client
 *     certificate; null when nobody knows, and always on a client
 * @param extension the extension agreed on with its parameters, as in {@code permessage-deflate; server_no_context_takeover}; null for
 *     none (RFC 6455 §9)
 */
public record Handshake(
        String path,
        String query,
        Map<String, List<String>> headers,
        InetSocketAddress remoteAddress,
        @Nullable String subprotocol,
        InetSocketAddress peerAddress,
        @Nullable Principal principal,
        @Nullable String extension) {
    /** Copies the headers. */
    public Handshake {
        headers = Map.copyOf(headers);
    }

    /** Makes a handshake with a peer that is at the other end of the TCP connection and that nobody has identified. */
    public Handshake(
            String path,
            String query,
            Map<String, List<String>> headers,
            InetSocketAddress remoteAddress,
            @Nullable String subprotocol) {
        this(path, query, headers, remoteAddress, subprotocol, remoteAddress, null, null);
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

    /** Returns a copy with another subprotocol. */
    public Handshake withSubprotocol(@Nullable String other) {
        return new Handshake(path, query, headers, remoteAddress, other, peerAddress, principal, extension);
    }

    /** Returns path and address, never a query, a header or a principal: handshakes do not leak into logs. */
    @Override
    public String toString() {
        return "handshake of " + path + " with " + remoteAddress
                + (subprotocol == null ? "" : ", subprotocol " + subprotocol)
                + (extension == null ? "" : ", " + extension);
    }
}
