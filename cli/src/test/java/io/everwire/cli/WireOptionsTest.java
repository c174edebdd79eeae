package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import io.everwire.transport.ServerTls;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code connect} over TLS and with proxies, and the one sentence that is said when that fails. */
class WireOptionsTest {
    @TempDir
    private Path directory;

    private Path certificate = Path.of("");
    private Path key = Path.of("");

    @BeforeEach
    void makeCertificates() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .ecp256()
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        certificate = Files.writeString(directory.resolve("server.pem"), bundle.getCertificatePathPEM());
        key = Files.writeString(directory.resolve("server.key"), bundle.getPrivateKeyPEM());
    }

    private EverwireServer serve(boolean isCertificateRequired) {
        ServerTls tls = ServerTls.of(certificate, key);
        return EverwireServer.builder()
                .tls(isCertificateRequired ? tls.withClientCertificates(certificate, true) : tls)
                .listen("/", new SessionListener() {
                    @Override
                    public void onMessage(Session session, Message message) {
                        session.trySend(message);
                    }
                })
                .start();
    }

    private static String failureOf(String... arguments) throws IOException {
        try (Run client = Run.of(arguments)) {
            client.endOfInput();
            assertThat(client.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(client.out().list()).isEmpty();
            assertThat(client.err().list()).hasSize(1);
            return client.err().list().get(0);
        }
    }

    @Test
    void conversesWithAServerThatItWasToldToTrust() {
        try (EverwireServer server = serve(true);
                Run client = Run.of(
                        "connect",
                        "wss://localhost:" + server.port() + "/",
                        "--proxy",
                        "none",
                        "--trust",
                        certificate.toString(),
                        "--cert",
                        certificate.toString(),
                        "--key",
                        key.toString())) {
            client.type("hello").endOfInput();

            assertThat(client.exitCode()).isZero();
            assertThat(client.out().list()).containsExactly("hello");
        }
    }

    @Test
    void saysInOneSentenceThatACertificateIsNotTrusted() throws Exception {
        try (EverwireServer server = serve(false)) {
            assertThat(failureOf("connect", "wss://localhost:" + server.port() + "/"))
                    .contains("the certificate of localhost is not trusted: it is self-signed");
        }
    }

    @Test
    void saysInOneSentenceThatACertificateIsAnothers() throws Exception {
        try (EverwireServer server = serve(false)) {
            assertThat(failureOf(
                            "connect", "wss://127.0.0.1:" + server.port() + "/", "--trust", certificate.toString()))
                    .contains("names localhost but not 127.0.0.1");
        }
    }

    @Test
    void saysInOneSentenceThatTheServerWantsACertificate() throws Exception {
        try (EverwireServer server = serve(true)) {
            assertThat(failureOf(
                            "connect", "wss://localhost:" + server.port() + "/", "--trust", certificate.toString()))
                    .contains("it wants a certificate of ours");
        }
    }

    @Test
    void saysInOneSentenceThatAFileCannotBeUsed() throws Exception {
        assertThat(failureOf("connect", "wss://localhost/", "--trust", directory + "/none.pem"))
                .contains("none.pem does not exist");
        assertThat(failureOf("connect", "wss://localhost/", "--trust", key.toString()))
                .contains("holds no certificate in PEM");
    }

    @Test
    void takesWrongOptionsForWrongUsage() {
        try (Run alone = Run.of("connect", "wss://localhost/", "--cert", certificate.toString())) {
            assertThat(alone.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(alone.err().list().get(0)).contains("--cert and --key go together");
        }
        try (Run proxy = Run.of("connect", "ws://localhost/", "--proxy", "ftp://user:secret@proxy")) {
            assertThat(proxy.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(proxy.err().list().get(0)).contains("'ftp'").doesNotContain("secret");
        }
    }
}
