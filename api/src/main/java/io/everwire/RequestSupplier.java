package io.everwire;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Supplies URL, headers and subprotocols anew: tokens expire, hosts move. */
@FunctionalInterface
public interface RequestSupplier {
    /**
     * Supplies the request of the coming upgrade. Called before the first probe of an outage and again for each upgrade after
     * a failed one. A stage that fails, a null or an exception is a failed attempt; the attempt's deadline covers it.
     *
     * <p>When the server redirects (RFC 9110 §15.4), the attempt goes on with the request it names, up to five times; without
     * {@code Authorization}, {@code Cookie} and {@code Proxy-Authorization} once the origin has changed.
     *
     * @param attempt what is known of the attempt
     */
    CompletionStage<ConnectRequest> request(Attempt attempt);

    /**
     * What is known of an attempt before it is made.
     *
     * @param number counts the session's attempts from 1
     * @param forceRefresh whether cached credentials must not be used: the last ones were refused
     * @param lastFailure why the last attempt failed or the connection was lost, null before the first
     */
    record Attempt(
            long number, boolean forceRefresh, @Nullable Failure lastFailure) {}
}
