package io.everwire.transport;

import io.everwire.ConnectRequest;
import io.netty.util.NetUtil;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which connections go through which proxy. A proxy opens a tunnel, for {@code ws} as for {@code wss}: by CONNECT (RFC 6455 §4.1,
 * RFC 9110 §9.3.6) or SOCKS 5 (RFC 1928). It resolves the server's name; the client resolves only the proxy's.
 *
 * <p>Proxies are written {@code http://[user:password@]host[:port]} (port 80 by default) or {@code socks5://…} and {@code
 * socks5h://…}, which mean the same (port 1080). Immutable; no text of it holds a user or a password.
 */
public final class ProxySelection {
    private static final ProxySelection DIRECT = new ProxySelection(null, null, List.of(), false);

    private final @Nullable ProxyServer plain;
    private final @Nullable ProxyServer secure;
    private final List<NoProxyRule> exceptions;
    private final boolean isLoopbackDirect;

    private ProxySelection(
            @Nullable ProxyServer plain,
            @Nullable ProxyServer secure,
            List<NoProxyRule> exceptions,
            boolean isLoopbackDirect) {
        this.plain = plain;
        this.secure = secure;
        this.exceptions = exceptions;
        this.isLoopbackDirect = isLoopbackDirect;
    }

    /** No proxy, whatever the environment says. */
    public static ProxySelection direct() {
        return DIRECT;
    }

    /**
     * One proxy for every connection, those to this machine too.
     *
     * @throws IllegalArgumentException when the URL is not one of a proxy; the message does not repeat it
     */
    public static ProxySelection of(String proxyUrl) {
        ProxyServer proxy = ProxyServer.parse("the proxy's URL", proxyUrl);
        return new ProxySelection(proxy, proxy, List.of(), false);
    }

    /**
     * The proxies that the environment names: {@code https_proxy} for {@code wss}, {@code http_proxy} for {@code ws}, else {@code
     * all_proxy}, with the exceptions of {@code no_proxy}. Each is looked for in lower case first, then in upper case. {@code
     * HTTP_PROXY} is left out where {@code REQUEST_METHOD} is set: in a CGI program it is a header of the request.
     *
     * <p>Connections to {@code localhost} and to loopback addresses are direct.
     *
     * @param environment for example {@code System.getenv()}
     * @throws IllegalArgumentException when a value cannot be used; the message names the variable and does not repeat the value
     */
    public static ProxySelection ofEnvironment(Map<String, String> environment) {
        ProxyServer all = named(environment, "all_proxy");
        ProxyServer plain = named(environment, "http_proxy");
        ProxyServer secure = named(environment, "https_proxy");
        if (all == null && plain == null && secure == null) {
            return DIRECT;
        }
        return new ProxySelection(
                plain == null ? all : plain,
                secure == null ? all : secure,
                NoProxyRule.parse(valueOf(environment, "no_proxy")),
                true);
    }

    /**
     * Returns a copy with these exceptions, which go direct.
     *
     * @param rules separated by commas: {@code example.com} and everything below it, {@code .example.com} only what is below it,
     *     an IP address, a network as {@code 10.0.0.0/8} or {@code fd00::/8}, each but a network with {@code :port} if only that port is
     *     meant, or {@code *} for everything
     */
    public ProxySelection withNoProxy(String rules) {
        List<NoProxyRule> more = new ArrayList<>(exceptions);
        more.addAll(NoProxyRule.parse(rules));
        return new ProxySelection(plain, secure, List.copyOf(more), isLoopbackDirect);
    }

    /** Returns the proxy of a connection, null when it is direct. */
    @Nullable ProxyServer proxyFor(ConnectRequest request) {
        ProxyServer proxy = request.isSecure() ? secure : plain;
        if (proxy == null) {
            return null;
        }
        URI uri = request.uri();
        String host = ClientTls.nameOf(uri.getHost()).toLowerCase(Locale.ROOT);
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        boolean isException = (isLoopbackDirect && isLoopback(host, address))
                || exceptions.stream().anyMatch(rule -> rule.matches(host, address, request.port()));
        return isException ? null : proxy;
    }

    private static boolean isLoopback(String host, byte @Nullable [] address) {
        if (address == null) {
            return host.equals("localhost");
        }
        return address.length == 4
                ? address[0] == 127
                : host.equals("::1") || NetUtil.bytesToIpAddress(address).equals("::1");
    }

    private static @Nullable ProxyServer named(Map<String, String> environment, String name) {
        String value = valueOf(environment, name);
        return value.isEmpty() ? null : ProxyServer.parse("the environment's " + name, value);
    }

    private static String valueOf(Map<String, String> environment, String name) {
        String value = environment.getOrDefault(name, "").strip();
        boolean isForgeable = name.equals("http_proxy") && environment.containsKey("REQUEST_METHOD");
        return value.isEmpty() && !isForgeable
                ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "").strip()
                : value;
    }

    /** Returns kinds and addresses, never a user or a password. */
    @Override
    public String toString() {
        return plain == null && secure == null ? "no proxy" : "ws by " + plain + ", wss by " + secure;
    }
}
