package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Limits;
import io.everwire.SessionEvent;
import io.everwire.StartException;
import io.everwire.server.EverwireServer;
import io.everwire.transport.ServerTls;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that speaks TLS, met by the JDK's own client. */
class ServerTlsTest {
    @AutoClose
    private final Opened opened = new Opened();

    @TempDir
    private Path directory;

    private final RecordingListener server = new Echo();
    private Certificates certificates;
    private SSLContext client;

    @BeforeEach
    void makeCertificates() {
        certificates = new Certificates(directory);
        certificates.write("server", certificates.sign(certificates.server("first")));
        client = certificates.client(null);
    }

    private ServerTls tls() {
        return ServerTls.of(certificates.path("server.pem"), certificates.path("server.key"));
    }

    private EverwireServer serve(ServerTls tls) {
        return opened.serve(EverwireServer.builder().tls(tls).listen("/", server));
    }

    private static String echo(RawPeer peer, String text) throws IOException {
        peer.write(Frame.text(text));
        return peer.read(Frame.TEXT).text();
    }

    private static String subjectOf(SSLSocket tls) throws IOException {
        return tls.getSession().getPeerPrincipal().getName();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void conversesInBothVersions(String version) throws Exception {
        int port = serve(tls()).port();
        SSLSocket tls = Certificates.dial(client, port, version);
        try (RawPeer peer = Certificates.open(tls)) {
            assertThat(tls.getSession().getProtocol()).isEqualTo(version);
            assertThat(echo(peer, "ä".repeat(8_000))).hasSize(8_000);
            peer.write(Frame.close(1000, ""));
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(1000);
        }
    }

    @Test
    void refusesOlderVersions() throws Exception {
        int port = serve(tls()).port();
        assertThatThrownBy(() -> Certificates.dial(client, port, "TLSv1.1")).isInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void resumesTlsSessions(String version) throws Exception {
        int port = serve(tls()).port();
        long firstMade;
        SSLSocket first = Certificates.dial(client, port, version);
        try (RawPeer peer = Certificates.open(first)) {
            // With 1.3 the ticket comes behind the handshake, so something must have been read.
            echo(peer, "for the ticket");
            firstMade = first.getSession().getCreationTime();
        }
        Patience.until("the clock has moved on", () -> System.currentTimeMillis() > firstMade + 1);
        SSLSocket second = Certificates.dial(client, port, version);
        try (RawPeer peer = Certificates.open(second)) {
            echo(peer, "resumed");
            assertThat(second.getSession().getCreationTime()).isEqualTo(firstMade);
        }
    }

    @Test
    void takesANewCertificateWithoutDisturbingAnybody() throws Exception {
        ServerTls tls = tls();
        int port = serve(tls).port();
        try (RawPeer old = Certificates.open(Certificates.dial(client, port))) {
            certificates.write("server", certificates.sign(certificates.server("second")));
            assertThat(tls.reload()).isTrue();
            assertThat(tls.reload()).as("once").isFalse();

            SSLSocket fresh = Certificates.dial(certificates.client(null), port);
            try (RawPeer peer = Certificates.open(fresh)) {
                assertThat(subjectOf(fresh)).isEqualTo("CN=second");
                assertThat(echo(peer, "new")).isEqualTo("new");
            }
            assertThat(echo(old, "undisturbed")).isEqualTo("undisturbed");
        }
    }

    @Test
    void noticesByItselfThatTheFilesHaveChanged() throws Exception {
        int port = serve(tls()).port();
        certificates.write("server", certificates.sign(certificates.server("second")));
        Patience.until("the new certificate is shown", () -> {
            try (SSLSocket fresh = Certificates.dial(certificates.client(null), port)) {
                return subjectOf(fresh).equals("CN=second");
            }
        });
    }

    @Test
    void goesOnWithTheOldPairWhileTheNewOneIsNone() throws Exception {
        ServerTls tls = tls();
        int port = serve(tls).port();
        X509Bundle next = certificates.sign(certificates.server("second"));
        try (Logged log = Logged.listen()) {
            Path chain = certificates.write("server.pem", next.getCertificatePathPEM());
            assertThat(tls.reload()).as("the key is still the old one").isFalse();
            assertThat(tls.reload()).isFalse();
            Files.delete(chain);
            assertThat(tls.reload()).isFalse();
            certificates.write("server.pem", "half a fi");
            assertThat(tls.reload()).isFalse();
            try (SSLSocket fresh = Certificates.dial(certificates.client(null), port)) {
                assertThat(subjectOf(fresh)).isEqualTo("CN=first");
            }
            assertThat(log.ours())
                    .filteredOn(line -> line.startsWith("WARN"))
                    .as("once for each way to be wrong")
                    .hasSize(3)
                    .anyMatch(line -> line.contains("does not belong to the certificate"))
                    .anyMatch(line -> line.contains("does not exist"))
                    .anyMatch(line -> line.contains("holds no certificate in PEM"));
        }
        certificates.write("server", next);
        Patience.until("the new pair is shown", () -> {
            tls.reload();
            try (SSLSocket fresh = Certificates.dial(certificates.client(null), port)) {
                return subjectOf(fresh).equals("CN=second");
            }
        });
    }

    @Test
    void knowsClientsByTheirCertificates() throws Exception {
        int port = serve(tls().withClientCertificates(certificates.path("authority.pem"), false))
                .port();
        X509Bundle known = certificates.sign(certificates.server("alice").addExtendedKeyUsageClientAuth());
        try (RawPeer peer = Certificates.open(Certificates.dial(certificates.client(known), port))) {
            assertThat(echo(peer, "hello")).isEqualTo("hello");
            assertThat(principals()).containsExactly("CN=alice");
        }
        try (RawPeer peer = Certificates.open(Certificates.dial(client, port))) {
            assertThat(echo(peer, "nobody")).isEqualTo("nobody");
            assertThat(principals()).containsExactly("CN=alice", "nobody");
        }
    }

    private List<String> principals() {
        return server.events().stream()
                .filter(SessionEvent.Open.class::isInstance)
                .map(event -> ((SessionEvent.Open) event).handshake().principal())
                .map(principal -> principal == null ? "nobody" : principal.getName())
                .toList();
    }

    @Test
    void refusesClientsWithoutACertificateWhereOneIsRequired() throws Exception {
        int port = serve(tls().withClientCertificates(certificates.path("authority.pem"), true))
                .port();
        assertThatThrownBy(() -> Certificates.open(Certificates.dial(client, port)))
                .isInstanceOf(IOException.class);
        X509Bundle stranger = new Certificates(Files.createDirectory(directory.resolve("other"))).authority;
        assertThatThrownBy(() -> Certificates.open(Certificates.dial(certificates.client(stranger), port)))
                .isInstanceOf(IOException.class);
        X509Bundle known = certificates.sign(certificates.server("alice"));
        Certificates.open(Certificates.dial(certificates.client(known), port)).close();
    }

    /** CVE-2011-1473. */
    @Test
    @DisplayName("TLS-04: handshakes over and over on one connection")
    void shakesHandsOnlyOncePerConnection() throws Exception {
        SSLSocket tls = Certificates.dial(client, serve(tls()).port(), "TLSv1.2");
        try (RawPeer peer = Certificates.open(tls)) {
            assertThat(echo(peer, "before")).isEqualTo("before");
            assertThatThrownBy(() -> {
                        tls.startHandshake();
                        echo(peer, "after");
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    /** In TLS 1.3 the same call renews the keys, which costs little and must go on. */
    @Test
    void renewsKeysAsOftenAsTheClientLikes() throws Exception {
        SSLSocket tls = Certificates.dial(client, serve(tls()).port(), "TLSv1.3");
        try (RawPeer peer = Certificates.open(tls)) {
            for (int i = 0; i < 3; i++) {
                tls.startHandshake();
                assertThat(echo(peer, "renewed")).isEqualTo("renewed");
            }
        }
    }

    /** Files may lie on a disk that hangs. */
    @Test
    void holdsUpNoEventLoopWhileItReadsItsFiles() {
        ServerTls tls = tls();
        EverwireServer closing = serve(tls);
        // What reloads holds this lock as long as it reads.
        synchronized (tls) {
            closing.close();
            Patience.of(closing.stopped());
        }
    }

    @Test
    void answersPlainHttpOnItsPortInPlain() throws Exception {
        try (RawPeer peer = RawPeer.dial(serve(tls()).port())) {
            peer.write(RawPeer.REQUEST);
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").contains("this port speaks TLS");
        }
    }

    @Test
    void isRefusedAtOnceByAPlainPort() throws Exception {
        int port = opened.serve(server).port();
        assertThatThrownBy(() -> Certificates.dial(client, port)).isInstanceOf(SSLException.class);
        try (RawPeer peer = RawPeer.dial(port)) {
            peer.write("\u0016\u0003\u0001");
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").contains("not an HTTP request but TLS");
        }
    }

    /** HS-08: nine bytes that announce a ClientHello of 16 MiB. */
    @Test
    @DisplayName("HS-08: a ClientHello that announces 16 MiB")
    void setsNoMemoryAsideForWhatIsOnlyAnnounced() throws Exception {
        int port = serve(tls()).port();
        byte[] hello = {0x16, 3, 1, 0x40, 0, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff};
        long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 1_000; i++) {
                RawPeer peer = RawPeer.dial(port);
                peers.add(peer);
                peer.write(hello);
            }
            try (RawPeer good = Certificates.open(Certificates.dial(client, port))) {
                assertThat(echo(good, "served")).isEqualTo("served");
            }
            assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before)
                    .isLessThan(50L << 20);
        } finally {
            for (RawPeer peer : peers) {
                peer.reset();
            }
        }
    }

    @Test
    void countsTheTlsHandshakeToTheOneDeadline() throws Exception {
        int port = opened.serve(EverwireServer.builder()
                        .tls(tls())
                        .limits(Limits.DEFAULT.withTimeouts(
                                Duration.ofMillis(300), Duration.ofSeconds(2), Duration.ofSeconds(30)))
                        .listen("/", server))
                .port();
        try (RawPeer halfHello = RawPeer.dial(port)) {
            halfHello.write("\u0016\u0003\u0001\u0002\u0000\u0001");
            assertThat(halfHello.readAll()).isEmpty();
        }
        try (SSLSocket silent = Certificates.dial(client, port)) {
            assertThat(silent.getInputStream().read()).as("hung up on").isEqualTo(-1);
        }
    }

    @Test
    void servesAnExpiredCertificateWithAWarning() throws Exception {
        certificates.write("server", certificates.expired());
        try (Logged log = Logged.listen()) {
            ServerTls tls = tls();
            assertThat(log.ours()).anyMatch(line -> line.startsWith("WARN") && line.contains("which is not now"));
            int port = serve(tls).port();
            assertThatThrownBy(() -> Certificates.dial(client, port))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("validity check failed");
        }
    }

    @Test
    void readsRsaAndEncryptedKeysAndKeyStores() throws Exception {
        X509Bundle rsa = certificates.sign(certificates.server("rsa").rsa2048());
        certificates.write("rsa", rsa);
        KeyStore store = rsa.toKeyStore("secret".toCharArray());
        try (var file = Files.newOutputStream(certificates.path("store.p12"))) {
            store.store(file, "secret".toCharArray());
        }
        Path encrypted = certificates.write(
                "encrypted.key", EncryptedKey.pem(rsa.getKeyPair().getPrivate(), "secret".toCharArray()));
        for (ServerTls tls : List.of(
                ServerTls.of(certificates.path("rsa.pem"), certificates.path("rsa.key")),
                ServerTls.of(certificates.path("rsa.pem"), encrypted, "secret".toCharArray()),
                ServerTls.ofKeyStore(certificates.path("store.p12"), "secret".toCharArray()))) {
            SSLSocket socket = Certificates.dial(client, serve(tls).port());
            try (RawPeer peer = Certificates.open(socket)) {
                assertThat(subjectOf(socket)).isEqualTo("CN=rsa");
                assertThat(echo(peer, "hello")).isEqualTo("hello");
            }
        }
        Path chain = certificates.path("rsa.pem");
        assertFailsWith("was given", () -> ServerTls.of(chain, encrypted));
        assertFailsWith("the password does not open", () -> ServerTls.of(chain, encrypted, "wrong".toCharArray()));
        assertFailsWith(
                "no key store that the password opens",
                () -> ServerTls.ofKeyStore(certificates.path("store.p12"), "wrong".toCharArray()));
        assertFailsWith("no key store", () -> ServerTls.ofKeyStore(chain, "secret".toCharArray()));
    }

    @Test
    void saysInOneSentenceWhatIsWrongWithItsFiles() {
        Path chain = certificates.path("server.pem");
        Path key = certificates.path("server.key");
        Path other = certificates.write(
                "other.key", certificates.sign(certificates.server("other")).getPrivateKeyPEM());
        Path text = certificates.write("text", "no PEM\n");
        Path old =
                certificates.write("old.key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Path torn = certificates.write("torn", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Path tornKey = certificates.write("torn.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");

        assertFailsWith("does not exist", () -> ServerTls.of(directory.resolve("absent.pem"), key));
        assertFailsWith("does not exist", () -> ServerTls.of(chain, directory.resolve("absent.key")));
        assertFailsWith("cannot be read", () -> ServerTls.of(directory, key));
        assertFailsWith("no certificate in PEM", () -> ServerTls.of(text, key));
        assertFailsWith("no certificate in PEM", () -> ServerTls.of(key, chain));
        assertFailsWith("a certificate that cannot be read", () -> ServerTls.of(torn, key));
        assertFailsWith("no private key in PEM", () -> ServerTls.of(chain, text));
        assertFailsWith("a kind that Java cannot read", () -> ServerTls.of(chain, tornKey));
        assertFailsWith("openssl pkcs8 -topk8", () -> ServerTls.of(chain, old));
        assertFailsWith("does not belong to the certificate", () -> ServerTls.of(chain, other));
        assertFailsWith("no certificate in PEM", () -> tls().withClientCertificates(text, true));
    }

    private static void assertFailsWith(String sentence, Runnable start) {
        assertThatThrownBy(start::run)
                .isInstanceOf(StartException.class)
                .message()
                .contains(sentence)
                .doesNotContain("\n");
    }
}
