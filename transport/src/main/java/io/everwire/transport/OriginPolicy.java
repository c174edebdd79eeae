package io.everwire.transport;

import io.everwire.protocol.WebOrigin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which web pages may connect to a server (RFC 6455 §10.2). A browser sends a user's cookies along with whatever page asks it to
 * connect, and tells the page's origin in {@code Origin}; who is not allowed is refused with 403, before anything else is asked.
 *
 * <p>An origin is compared as browsers do (RFC 6454): scheme, host and port must all be the same. It must be written as browsers
 * write it, so other cases, a user, a path or a list of origins are refused; names that look alike are other names.
 *
 * <p>A request without {@code Origin} is allowed unless {@link #withOriginRequired} says otherwise: browsers always send one, and
 * what is no browser could send any. The origin {@code null}, of sandboxed pages and local files, is refused unless it is allowed
 * by this name.
 *
 * <p>Immutable.
 */
public final class OriginPolicy {
    private static final String NULL = "null";
    private static final OriginPolicy SAME_HOST = new OriginPolicy(false, true, Set.of(), false, false);
    private static final OriginPolicy ANY = new OriginPolicy(true, false, Set.of(), true, false);

    private final boolean isAny;
    private final boolean isSameHostAllowed;
    private final Set<WebOrigin> allowed;
    private final boolean isNullAllowed;
    private final boolean isRequired;

    private OriginPolicy(
            boolean isAny,
            boolean isSameHostAllowed,
            Set<WebOrigin> allowed,
            boolean isNullAllowed,
            boolean isRequired) {
        this.isAny = isAny;
        this.isSameHostAllowed = isSameHostAllowed;
        this.allowed = allowed;
        this.isNullAllowed = isNullAllowed;
        this.isRequired = isRequired;
    }

    /**
     * Allows pages of the host that is connected to; the default. The page's host and port must be those of the request's {@code
     * Host}, and its scheme {@code https} when the connection is TLS, else {@code http}. Behind a proxy that ends TLS, the connection
     * counts as TLS when the proxy is trusted and says so; see the server's {@code trustedProxies}.
     */
    public static OriginPolicy sameHost() {
        return SAME_HOST;
    }

    /**
     * Allows these origins and no other; see {@link #orSameHost}.
     *
     * @param origins as browsers write them, for example {@code https://app.example} or {@code http://localhost:3000}; or {@code null}
     * @throws IllegalArgumentException for none, or for one that no browser would write
     */
    public static OriginPolicy allow(String... origins) {
        if (origins.length == 0) {
            throw new IllegalArgumentException("no origin is allowed; name at least one, or use sameHost() or any()");
        }
        Set<WebOrigin> allowed = new HashSet<>();
        List<String> given = new ArrayList<>(List.of(origins));
        boolean isNullAllowed = given.removeIf(NULL::equals);
        for (String text : given) {
            WebOrigin origin = WebOrigin.parse(text);
            if (origin == null) {
                throw new IllegalArgumentException("'" + Texts.printable(text)
                        + "' is no origin; write scheme, host and port in lower case, as in https://app.example");
            }
            allowed.add(origin);
        }
        return new OriginPolicy(false, false, Set.copyOf(allowed), isNullAllowed, false);
    }

    /** Allows every page of every site, as it must be for public services that know their users by something else than cookies. */
    public static OriginPolicy any() {
        return ANY;
    }

    /** Returns a policy that allows pages of the same host, too. */
    public OriginPolicy orSameHost() {
        return new OriginPolicy(isAny, true, allowed, isNullAllowed, isRequired);
    }

    /** Returns a policy that refuses requests without {@code Origin}: for servers that only browsers use. */
    public OriginPolicy withOriginRequired() {
        return new OriginPolicy(isAny, isSameHostAllowed, allowed, isNullAllowed, true);
    }

    /**
     * Judges a request.
     *
     * @param origins the values of all {@code Origin} lines
     * @param host the value of {@code Host}
     * @param isSecure whether the client's own connection is TLS
     */
    boolean allows(List<String> origins, String host, boolean isSecure) {
        if (origins.isEmpty()) {
            return !isRequired;
        }
        if (isAny) {
            return true;
        }
        if (origins.size() != 1) {
            return false;
        }
        if (origins.get(0).equals(NULL)) {
            return isNullAllowed;
        }
        WebOrigin origin = WebOrigin.parse(origins.get(0));
        return origin != null
                && (allowed.contains(origin) || (isSameHostAllowed && origin.equals(WebOrigin.ofHost(isSecure, host))));
    }
}
