package io.everwire;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt asks for: where to, with which headers and subprotocols.
 *
 * @param uri an absolute {@code ws://} or {@code wss://} URL without a fragment (RFC 6455 §3)
 * @param headers additional request headers, in order; not the ones of the opening handshake itself
 * @param subprotocols offered subprotocols, the preferred one first (RFC 6455 §1.9)
 */
public record ConnectRequest(URI uri, List<Map.Entry<String, String>> headers, List<String> subprotocols) {
    private static final List<String> RESERVED = List.of(
            "host",
            "upgrade",
            "connection",
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-extensions",
            "sec-websocket-protocol",
            "content-length",
            "transfer-encoding");

    /**
     * Checks all three parts, so that no byte of them can break out of its place in the request.
     *
     * @throws IllegalArgumentException when the URL cannot be dialed, a header or a subprotocol is no token, a header value
     *     holds a control character, or a header belongs to the opening handshake
     */
    public ConnectRequest {
        requireDialable(uri);
        uri = inAscii(uri);
        headers = List.copyOf(headers);
        subprotocols = List.copyOf(subprotocols);
        for (Map.Entry<String, String> header : headers) {
            requireToken("header name", header.getKey());
            if (RESERVED.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("the header " + header.getKey()
                        + " belongs to the opening handshake; leave it out, subprotocols have a place of their own");
            }
            requireFieldValue(header.getKey(), header.getValue());
        }
        for (String subprotocol : subprotocols) {
            requireToken("subprotocol", subprotocol);
        }
        if (subprotocols.stream().distinct().count() != subprotocols.size()) {
            throw new IllegalArgumentException("a subprotocol is offered twice in " + subprotocols);
        }
    }

    /**
     * Makes a request without headers and subprotocols.
     *
     * @param uri an absolute {@code ws://} or {@code wss://} URL
     * @throws IllegalArgumentException when it is not one; the message says why
     */
    public static ConnectRequest to(String uri) {
        return to(parse(uri));
    }

    /** Makes a request without headers and subprotocols. */
    public static ConnectRequest to(URI uri) {
        return new ConnectRequest(uri, List.of(), List.of());
    }

    /** Returns a copy with one more header. */
    public ConnectRequest withHeader(String name, String value) {
        List<Map.Entry<String, String>> more = new ArrayList<>(headers);
        more.add(Map.entry(name, value));
        return new ConnectRequest(uri, more, subprotocols);
    }

    /** Returns a copy that offers these subprotocols. */
    public ConnectRequest withSubprotocols(String... offered) {
        return new ConnectRequest(uri, headers, List.of(offered));
    }

    /** Returns the port to dial: the URL's, or 80 for {@code ws} and 443 for {@code wss} (RFC 6455 §3). */
    public int port() {
        int defaultPort = isSecure() ? 443 : 80;
        return uri.getPort() == -1 ? defaultPort : uri.getPort();
    }

    /** Returns whether the connection is to be protected by TLS: the scheme is {@code wss}. */
    public boolean isSecure() {
        return uri.getScheme().equalsIgnoreCase("wss");
    }

    private static URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // Without the cause, whose message repeats the whole.
            throw new IllegalArgumentException(
                    printable(withoutSecrets(text)) + " is not a URL: " + e.getReason() + " at index " + e.getIndex());
        }
    }

    /** RFC 3986 §2: a URL is ASCII. java.net.URI lets other characters pass, and they would pass into the request. */
    private static URI inAscii(URI uri) {
        return URI.create(uri.toASCIIString());
    }

    private static void requireDialable(URI uri) {
        String scheme = uri.getScheme();
        if (scheme == null || !(scheme.equalsIgnoreCase("ws") || scheme.equalsIgnoreCase("wss"))) {
            throw new IllegalArgumentException("the scheme of " + withoutSecrets(uri) + " is "
                    + (scheme == null ? "missing" : "'" + scheme + "'") + "; write ws:// or wss://");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException(withoutSecrets(uri) + " names no host; write ws://host[:port]/path");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("port " + uri.getPort() + " is outside 1 to 65535");
        }
        if (uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "a WebSocket URL has no fragment (RFC 6455 section 3); remove everything from #");
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "user and password do not belong into a WebSocket URL; send a header instead");
        }
    }

    private static String withoutSecrets(URI uri) {
        return withoutSecrets(uri.toString());
    }

    /** Quotes a URL without what may be secret: its query, and a user with a password. */
    private static String withoutSecrets(String url) {
        int query = url.indexOf('?');
        String text = query < 0 ? url : url.substring(0, query);
        int at = text.lastIndexOf('@');
        int authority = text.indexOf("//") + 2;
        return "'" + (at < authority ? text : text.substring(0, authority) + "***" + text.substring(at)) + "'";
    }

    private static void requireToken(String what, String text) {
        boolean isToken = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            isToken &= c > ' ' && c < 0x7f && "()<>@,;:\\\"/[]?={}".indexOf(c) < 0;
        }
        if (!isToken) {
            throw new IllegalArgumentException(
                    "the " + what + " '" + printable(text) + "' is no token (RFC 9110 section 5.6.2)");
        }
    }

    private static void requireFieldValue(String name, @Nullable String value) {
        for (int i = 0; value != null && i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c >= 0x7f) {
                throw new IllegalArgumentException("the value of header " + name + " holds the character U+"
                        + String.format("%04X", (int) c) + " at index " + i + "; only printable ASCII is allowed");
            }
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    /** Returns the URL without its query, and no header's value: requests do not leak into logs. */
    @Override
    public String toString() {
        return "request for " + withoutSecrets(uri) + " with " + headers.size() + " headers, subprotocols "
                + subprotocols;
    }
}
