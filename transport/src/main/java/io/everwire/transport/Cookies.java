package io.everwire.transport;

import io.everwire.ConnectRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of an application's {@link CookieHandler} (RFC 6265), which knows HTTP's schemes only: {@code ws} is http to it, {@code
 * wss} is https.
 */
final class Cookies {
    private final @Nullable CookieHandler handler;

    Cookies(@Nullable CookieHandler handler) {
        this.handler = handler;
    }

    /** Adds the cookies for a request to those that it brings itself, in the one Cookie header that RFC 6265 §5.4 allows. */
    void addTo(HttpHeaders headers, ConnectRequest request) throws IOException {
        if (handler == null) {
            return;
        }
        List<String> cookies = new ArrayList<>(headers.getAll(HttpHeaderNames.COOKIE));
        for (Map.Entry<String, List<String>> entry :
                handler.get(uriOf(request), Map.of()).entrySet()) {
            if ("Cookie".equalsIgnoreCase(entry.getKey())) {
                cookies.addAll(entry.getValue());
            }
        }
        if (!cookies.isEmpty()) {
            headers.set(HttpHeaderNames.COOKIE, String.join("; ", cookies));
        }
    }

    /** Stores what the answer to an upgrade sets, whatever its status. */
    void store(HttpHeaders answer, ConnectRequest request) throws IOException {
        List<String> set = answer.getAll(HttpHeaderNames.SET_COOKIE);
        if (handler != null && !set.isEmpty()) {
            handler.put(uriOf(request), Map.of("Set-Cookie", set));
        }
    }

    private static URI uriOf(ConnectRequest request) {
        return URI.create(request.uri().toString().replaceFirst("(?i)^ws", "http"));
    }
}
