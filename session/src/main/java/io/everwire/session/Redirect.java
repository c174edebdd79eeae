package io.everwire.session;

import io.everwire.ConnectRequest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request whose upgrade was redirected (RFC 9110 §15.4): at most five times in one attempt, never from a secure
 * scheme to another, and without credentials when the origin changes. What was left out stays out, also on the way back.
 *
 * @param request the request to go on with, null when the redirect is not followed
 * @param refusal why it is not followed, a sentence; empty when it is
 */
public record Redirect(@Nullable ConnectRequest request, String refusal) {
    /** How many redirects one attempt follows. */
    public static final int MOST = 5;

    private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "proxy-authorization");

    /** Tells whether a status redirects. */
    public static boolean isRedirect(int status) {
        return STATUSES.contains(status);
    }

    /**
     * Judges a redirect.
     *
     * @param from the request that was redirected
     * @param location the Location header, absolute or relative, null when there was none
     * @param followed how many redirects of this attempt were followed before
     */
    public static Redirect follow(ConnectRequest from, @Nullable String location, int followed) {
        if (location == null) {
            return refused("the server redirects without saying where to");
        }
        if (followed >= MOST) {
            return refused("the server redirected " + (MOST + 1) + " times in one attempt; " + MOST + " are followed");
        }
        try {
            URI target = withWebSocketScheme(from.uri().resolve(new URI(location)));
            ConnectRequest next = new ConnectRequest(target, from.headers(), from.subprotocols());
            if (from.isSecure() && !next.isSecure()) {
                return refused("the server redirects from wss to ws, out of TLS, which is not followed");
            }
            return new Redirect(isSameOrigin(from, next) ? next : withoutCredentials(next), "");
        } catch (java.net.URISyntaxException e) {
            // Not its message, which repeats the whole: a query may hold a token.
            return refused("the server redirects to where we cannot follow: its Location is no URL (" + e.getReason()
                    + " at index " + e.getIndex() + ")");
        } catch (IllegalArgumentException e) {
            return refused("the server redirects to where we cannot follow: " + e.getMessage());
        }
    }

    private static Redirect refused(String reason) {
        return new Redirect(null, reason);
    }

    /** A server that knows only HTTP's schemes means WebSocket's (RFC 6455 §3): http is ws, https is wss. */
    private static URI withWebSocketScheme(URI target) throws java.net.URISyntaxException {
        String scheme = target.getScheme();
        if (scheme == null || !scheme.toLowerCase(Locale.ROOT).startsWith("http")) {
            return target;
        }
        return new URI(target.toString().replaceFirst("(?i)^http", "ws"));
    }

    private static boolean isSameOrigin(ConnectRequest one, ConnectRequest other) {
        return one.uri().getScheme().equalsIgnoreCase(other.uri().getScheme())
                && one.uri().getHost().equalsIgnoreCase(other.uri().getHost())
                && one.port() == other.port();
    }

    private static ConnectRequest withoutCredentials(ConnectRequest request) {
        List<Map.Entry<String, String>> kept = new ArrayList<>();
        for (Map.Entry<String, String> header : request.headers()) {
            if (!CREDENTIALS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                kept.add(header);
            }
        }
        return new ConnectRequest(request.uri(), kept, request.subprotocols());
    }
}
