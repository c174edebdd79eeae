package io.everwire.verification.conversation;

import io.everwire.transport.ClientTls;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Certificates of an authority that is made for one test class, and what listens and trusts by them. */
public final class Certified {
    public final X509Bundle authority;

    public Certified() {
        this("authority of the tests");
    }

    public Certified(String name) {
        authority = made(() -> new CertificateBuilder()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .ecp256()
                .buildSelfSigned());
    }

    /** Something that the machinery of certificates may refuse. */
    private interface Making<T> {
        T make() throws Exception;
    }

    private static <T> T made(Making<T> making) {
        try {
            return making.make();
        } catch (Exception e) {
            throw new AssertionError("a certificate could not be made", e);
        }
    }

    /** Issues a certificate for localhost, 127.0.0.1 and ::1. */
    public X509Bundle server() {
        return issue(builder ->
                builder.addSanDnsName("localhost").addSanIpAddress("127.0.0.1").addSanIpAddress("::1"));
    }

    X509Bundle issue(UnaryOperator<CertificateBuilder> what) {
        return made(
                () -> what.apply(new CertificateBuilder().subject("CN=a test").ecp256())
                        .buildIssuedBy(authority));
    }

    static X509Bundle selfSigned(UnaryOperator<CertificateBuilder> what) {
        return made(
                () -> what.apply(new CertificateBuilder().subject("CN=a test").ecp256())
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned());
    }

    /** Makes the context of a server, or of a client that trusts the authority only. */
    public SSLContext context(@Nullable X509Bundle identity) {
        return made(() -> {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys =
                    identity == null ? null : identity.toKeyManagerFactory().getKeyManagers();
            TrustManager[] trust = authority.toTrustManagerFactory().getTrustManagers();
            context.init(keys, trust, null);
            return context;
        });
    }

    public ClientTls trust(Path directory) throws IOException {
        return ClientTls.trusting(file(directory, "authority.pem", authority.getCertificatePEM()));
    }

    public static Path file(Path directory, String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    /** Listens on 127.0.0.1, with these protocols; all that the JDK has when none is named. */
    static SSLServerSocket listen(SSLContext context, String... protocols) throws IOException {
        return listen(context, InetAddress.getLoopbackAddress(), protocols);
    }

    static SSLServerSocket listen(SSLContext context, InetAddress address, String... protocols) throws IOException {
        ServerSocket listening = context.getServerSocketFactory().createServerSocket(0, 50, address);
        SSLServerSocket secure = (SSLServerSocket) listening;
        if (protocols.length > 0) {
            secure.setEnabledProtocols(protocols);
        }
        return secure;
    }

    /** Speaks TLS as a server on an accepted connection, which stays open when only TLS is ended. */
    SSLSocket over(Socket accepted, X509Bundle identity, String protocol) throws IOException {
        SSLSocket secure = (SSLSocket)
                context(identity).getSocketFactory().createSocket(accepted, null, accepted.getPort(), false);
        secure.setUseClientMode(false);
        secure.setEnabledProtocols(new String[] {protocol});
        return secure;
    }

    static SSLContext jdkContext(TrustManager trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {trust}, null);
        return context;
    }
}
