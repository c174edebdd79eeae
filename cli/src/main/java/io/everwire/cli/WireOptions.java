package io.everwire.cli;

import io.everwire.client.EverwireClient;
import io.everwire.transport.ClientTls;
import io.everwire.transport.ProxySelection;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What lies between a client and its server: whom it trusts, who it is, and through which proxy it goes. */
final class WireOptions {
    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "Trust the certificates of this PEM file, in place of those that Java trusts.")
    private @Nullable Path trust;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "Our own certificate for a server that asks for one, with its issuers, PEM; needs --key.")
    private @Nullable Path certificate;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "The private key of --cert, PKCS#8 in PEM, not encrypted.")
    private @Nullable Path key;

    @Option(
            names = "--proxy",
            paramLabel = "URL|none",
            description = "http://[user:password@]host[:port] or socks5://…; none ignores the environment"
                    + " (default: https_proxy, http_proxy, all_proxy and no_proxy of the environment).")
    private @Nullable String proxy;

    /**
     * Sets what was asked for.
     *
     * @throws IllegalArgumentException when options do not go together, or a proxy's URL is none
     * @throws io.everwire.StartException when a file cannot be used
     */
    EverwireClient.Builder applyTo(EverwireClient.Builder client) {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--cert and --key go together, and only one of them was given");
        }
        ClientTls tls = trust == null ? ClientTls.trustingTheJdk() : ClientTls.trusting(trust);
        if (certificate != null && key != null) {
            tls = tls.withIdentity(certificate, key);
        }
        return client.tls(tls).proxy(proxies());
    }

    private ProxySelection proxies() {
        if (proxy == null) {
            try {
                return ProxySelection.ofEnvironment(System.getenv());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(e.getMessage() + "; --proxy none goes direct", e);
            }
        }
        return proxy.equals("none") ? ProxySelection.direct() : ProxySelection.of(proxy);
    }
}
