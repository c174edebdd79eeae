package io.everwire.verification.conversation;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** An authority of a test's own, and what it signs. */
final class Certificates {
    final Path directory;
    final X509Bundle authority;

    Certificates(Path directory) {
        this.directory = directory;
        try {
            authority = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError("no authority could be made", e);
        }
        write("authority.pem", authority.getCertificatePEM());
    }

    /** A certificate for 127.0.0.1 and localhost. */
    CertificateBuilder server(String name) {
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .addSanDnsName("localhost")
                .addSanIpAddress(InetAddress.getLoopbackAddress());
    }

    X509Bundle sign(CertificateBuilder certificate) {
        try {
            return certificate.buildIssuedBy(authority);
        } catch (Exception e) {
            throw new AssertionError("no certificate could be made", e);
        }
    }

    X509Bundle expired() {
        Instant now = Instant.now();
        return sign(server("expired").notBefore(now.minus(9, ChronoUnit.DAYS)).notAfter(now.minus(2, ChronoUnit.DAYS)));
    }

    /** Writes a pair as {@code NAME.pem} and {@code NAME.key}. */
    void write(String name, X509Bundle pair) {
        write(name + ".pem", pair.getCertificatePathPEM());
        write(name + ".key", pair.getPrivateKeyPEM());
    }

    Path write(String file, String text) {
        try {
            return Files.writeString(directory.resolve(file), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Path path(String file) {
        return directory.resolve(file);
    }

    /** What a client needs that trusts the authority and has a certificate itself, or none. */
    SSLContext client(@Nullable X509Bundle own) {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            authorities.setCertificateEntry("authority", authority.getCertificate());
            trust.init(authorities);
            KeyManagerFactory keys = own == null ? null : own.toKeyManagerFactory();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Connects and shakes hands. */
    static SSLSocket dial(SSLContext client, int port, String... protocols) throws IOException {
        Socket tcp = new Socket(InetAddress.getLoopbackAddress(), port);
        tcp.setSoTimeout((int) Patience.LIMIT.toMillis());
        SSLSocket tls = (SSLSocket) client.getSocketFactory().createSocket(tcp, "localhost", port, true);
        if (protocols.length > 0) {
            tls.setEnabledProtocols(protocols);
        }
        tls.startHandshake();
        return tls;
    }

    /** Connects, shakes hands and upgrades. */
    static RawPeer open(SSLSocket tls) throws IOException {
        RawPeer peer = new RawPeer(tls, true);
        peer.write(RawPeer.REQUEST);
        String head = peer.readHead();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no upgrade: " + head);
        }
        return peer;
    }
}
