package io.everwire.transport;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A proxy and what it wants to hear. No text of this class holds the user or the password. */
record ProxyServer(
        Kind kind,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password) {
    private static final int MOST_CREDENTIAL_BYTES = 255;

    /** The protocol that a proxy speaks. */
    enum Kind {
        /** CONNECT (RFC 9110 §9.3.6), Basic authentication (RFC 7617). */
        HTTP("an HTTP proxy", 80),
        /** SOCKS 5 (RFC 1928), user and password (RFC 1929). */
        SOCKS5("a SOCKS5 proxy", 1080);

        final String words;
        final int defaultPort;

        Kind(String words, int defaultPort) {
            this.words = words;
            this.defaultPort = defaultPort;
        }
    }

    /**
     * Reads {@code http://}, {@code socks5://} or {@code socks5h://}, with {@code user:password@} if there is need of it; {@code
     * host:port} alone is an HTTP proxy.
     *
     * @param name what the URL is called in messages
     * @throws IllegalArgumentException when it is none of these; the message never repeats the URL
     */
    static ProxyServer parse(String name, String url) {
        URI uri;
        try {
            uri = new URI(url.contains("://") ? url : "http://" + url);
        } catch (URISyntaxException e) {
            // Without its cause, which repeats the URL with the password.
            throw new IllegalArgumentException(
                    name + " is not a URL; percent-encode what is special in user and password");
        }
        Kind kind = kindOf(name, uri.getScheme().toLowerCase(Locale.ROOT));
        String host = uri.getHost();
        boolean hasMore = uri.getRawQuery() != null
                || uri.getRawFragment() != null
                || (uri.getRawPath() != null && uri.getRawPath().length() > 1);
        if (host == null || hasMore || uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new IllegalArgumentException(
                    name + " must be written as [http|socks5]://[user:password@]host[:port]");
        }
        int port = uri.getPort() == -1 ? kind.defaultPort : uri.getPort();
        String info = uri.getRawUserInfo();
        if (info == null) {
            return new ProxyServer(kind, host, port, null, null);
        }
        int colon = info.indexOf(':');
        String user = decode(colon < 0 ? info : info.substring(0, colon));
        String password = colon < 0 ? "" : decode(info.substring(colon + 1));
        requireSendable(name, kind, user, password);
        return new ProxyServer(kind, host, port, user, password);
    }

    private static Kind kindOf(String name, String scheme) {
        return switch (scheme) {
            case "http" -> Kind.HTTP;
            // The name of the target is always resolved by the proxy, which is what the h asks for.
            case "socks5", "socks5h" -> Kind.SOCKS5;
            default ->
                throw new IllegalArgumentException("proxies of the kind '" + scheme + "' are not supported, which "
                        + name + " asks for; http:// and socks5:// are");
        };
    }

    private static void requireSendable(String name, Kind kind, String user, String password) {
        boolean isLong = user.getBytes(StandardCharsets.UTF_8).length > MOST_CREDENTIAL_BYTES
                || password.getBytes(StandardCharsets.UTF_8).length > MOST_CREDENTIAL_BYTES;
        boolean hasControl = (user + password).chars().anyMatch(c -> c < ' ' || c == 0x7f);
        boolean isColon = kind == Kind.HTTP && user.indexOf(':') >= 0;
        if (isLong || hasControl || isColon || user.isEmpty()) {
            throw new IllegalArgumentException("user or password of " + name
                    + " cannot be sent: 1 to 255 bytes, no control character, no colon in the user of an HTTP proxy");
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Returns the proxy's kind and address, never its user and password. */
    @Override
    public String toString() {
        return kind.words + " at " + host + " port " + port;
    }
}
