package io.everwire.transport;

import io.everwire.ConnectRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a server with too much to do gave a client that it sent away: to be shown to it, and to nobody else, when the client comes
 * back.
 *
 * @param origin scheme, host and port that it is from
 */
record Ticket(String origin, String text) {
    /** The header that carries a ticket, in both directions. */
    static final String HEADER = "Everwire-Ticket";

    /** Retry-After in milliseconds, beside the one in whole seconds. */
    static final String RETRY_AFTER_MS = "Retry-After-Ms";

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** Remembers where a ticket is from. */
    static Ticket from(ConnectRequest request, String text) {
        return new Ticket(originOf(request), text);
    }

    /** Tells whether this is a ticket, and nothing that a header should not say. */
    static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }

    /** Returns what to show with a request, null when the ticket is not from there. */
    @Nullable String textFor(ConnectRequest request) {
        return origin.equals(originOf(request)) ? text : null;
    }

    private static String originOf(ConnectRequest request) {
        return (request.isSecure() ? "wss " : "ws ") + request.uri().getHost() + " " + request.port();
    }
}
