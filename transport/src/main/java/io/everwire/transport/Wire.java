package io.everwire.transport;

import java.net.CookieHandler;
import org.jspecify.annotations.Nullable;

/**
 * What lies between a client and its servers.
 *
 * @param tls protects {@code wss} connections
 * @param proxies which connections go through which proxy
 * @param cookies keeps cookies, called on the event loop; null for none
 */
public record Wire(
        ClientTls tls, ProxySelection proxies, @Nullable CookieHandler cookies) {}
