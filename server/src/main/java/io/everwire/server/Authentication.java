package io.everwire.server;

import io.everwire.Handshake;
import java.security.Principal;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What an {@link Authenticator} decides. Immutable. */
public final class Authentication {
    private final boolean isGranted;
    private final int status;
    private final @Nullable Principal principal;
    private final String reason;
    private final Map<String, String> headers;

    private Authentication(
            boolean isGranted, int status, @Nullable Principal principal, String reason, Map<String, String> headers) {
        this.isGranted = isGranted;
        this.status = status;
        this.principal = principal;
        this.reason = reason;
        this.headers = Map.copyOf(headers);
    }

    /**
     * Lets the client in.
     *
     * @param principal who the client is, from now on {@link Handshake#principal()}; null for nobody in particular
     */
    public static Authentication granted(@Nullable Principal principal) {
        return new Authentication(true, 101, principal, "", Map.of());
    }

    /**
     * Refuses with 401: credentials are missing or wrong.
     *
     * @param challenge the {@code WWW-Authenticate} of the answer (RFC 9110 §11.6.1), for example {@code Bearer}
     */
    public static Authentication unauthorized(String challenge) {
        return refused(401, "credentials are missing or wrong", Map.of("www-authenticate", challenge));
    }

    /**
     * Refuses with 403: whoever it is may not enter.
     *
     * @param reason a sentence for the body and the log, ASCII; nothing secret
     */
    public static Authentication forbidden(String reason) {
        return refused(403, reason, Map.of());
    }

    /**
     * Refuses with another status.
     *
     * @param status 400 to 599; everything else is answered with 500
     * @param reason a sentence for the body and the log, ASCII; nothing secret
     * @param headers what the answer carries besides, for example {@code Retry-After}
     */
    public static Authentication refused(int status, String reason, Map<String, String> headers) {
        return new Authentication(false, status, null, reason, headers);
    }

    /** Returns a stage that is complete already, for authenticators that need not wait. */
    public CompletionStage<Authentication> now() {
        return CompletableFuture.completedStage(this);
    }

    boolean isGranted() {
        return isGranted;
    }

    int status() {
        return status;
    }

    @Nullable Principal principal() {
        return principal;
    }

    String reason() {
        return reason;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** Tells the status, and never who was let in. */
    @Override
    public String toString() {
        return isGranted() ? "granted" : "refused with " + status;
    }
}
