package io.everwire.transport;

import io.everwire.CompressionPolicy;
import java.net.CookieHandler;
import org.jspecify.annotations.Nullable;

/**
 * What lies between a client and its servers.
 *
 * @param tls protects {@code wss} connections
 * @param proxies which connections go through which proxy
 * @param cookies keeps cookies, called on the event loop; null for none
 * @param compression what is offered to servers; null for nothing
 */
public record Wire(
        ClientTls tls,
        ProxySelection proxies,
        @Nullable CookieHandler cookies,
        @Nullable CompressionPolicy compression) {}
