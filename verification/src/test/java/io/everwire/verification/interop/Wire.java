package io.everwire.verification.interop;

import io.everwire.transport.ClientTls;
import io.everwire.transport.ServerTls;
import io.everwire.verification.conversation.Certified;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** What a conversation runs on: bare TCP, or TLS with certificates of an authority made for this run. */
enum Wire {
    WS,
    WSS;

    /** The authority and a server's certificate, as objects and as files, made when first needed. */
    private static final class Certificates {
        static final Certified CERTIFIED = new Certified();
        static final TrustManager[] TRUST =
                CERTIFIED.authority.toTrustManagerFactory().getTrustManagers();
        static final SSLContext TRUSTING = CERTIFIED.context(null);
        static final Path DIRECTORY = directory();
        static final Path AUTHORITY = file("authority.pem", CERTIFIED.authority.getCertificatePEM());
        static final Path CHAIN;
        static final Path KEY;

        static {
            var server = CERTIFIED.server();
            CHAIN = file("server.pem", server.getCertificatePathPEM());
            KEY = file("server.key", server.getPrivateKeyPEM());
        }

        private static Path directory() {
            try {
                Files.createDirectories(Program.LOGS);
                return Files.createTempDirectory(Program.LOGS.toAbsolutePath(), "certificates-");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Path file(String name, String content) {
            try {
                return Certified.file(DIRECTORY, name, content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Returns the URL of a port of 127.0.0.1. */
    String url(int port) {
        return (this == WSS ? "wss" : "ws") + "://127.0.0.1:" + port + "/";
    }

    static Path authority() {
        return Certificates.AUTHORITY;
    }

    static Path chain() {
        return Certificates.CHAIN;
    }

    static Path key() {
        return Certificates.KEY;
    }

    /** Returns a context that trusts the authority only. */
    static SSLContext trusting() {
        return Certificates.TRUSTING;
    }

    /** Returns what decides for {@link #trusting()}. */
    static X509TrustManager trust() {
        return (X509TrustManager) Certificates.TRUST[0];
    }

    static ClientTls clientTls() {
        return ClientTls.trusting(authority());
    }

    static ServerTls serverTls() {
        return ServerTls.of(chain(), key());
    }
}
