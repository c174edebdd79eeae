package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.transport.ClientTls;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code wss} as a client: whom it trusts, who it is, and what it says when there is no TLS to be had. */
class ClientTlsTest {
    private static final Certified CERTIFIED = new Certified();
    private static final X509Bundle SERVER = CERTIFIED.server();

    @AutoClose
    private final Opened opened = new Opened();

    @TempDir
    private Path directory;

    private final RecordingListener client = new RecordingListener();

    private static void echo(RawPeer peer, int number) throws IOException {
        peer.upgrade();
        for (Frame frame = peer.readOrEnd(); frame != null; frame = peer.readOrEnd()) {
            if (frame.opcode() == Frame.PING) {
                peer.write(Frame.pongTo(frame));
            } else {
                peer.write(frame);
            }
        }
    }

    private RawServer serve(ServerSocket listening, RawServer.Script script) {
        return opened.add(new RawServer("wss", listening, script));
    }

    private Session connect(String url, ClientTls tls) {
        return opened.connect(EverwireClient.to(url).tls(tls).reconnect(ReconnectPolicy.never()), client);
    }

    private Failure failureAt(String url, ClientTls tls) {
        return Patience.of(connect(url, tls).closed()).cause();
    }

    private Failure refusedBy(X509Bundle certificate, String host, ClientTls tls) throws Exception {
        RawServer server = serve(Certified.listen(CERTIFIED.context(certificate)), ClientTlsTest::echo);
        return failureAt("wss://" + host + ":" + server.port() + "/", tls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void conversesInEveryVersionThatIsSafe(String version) throws Exception {
        CompletableFuture<String> spoken = new CompletableFuture<>();
        RawServer server = serve(Certified.listen(CERTIFIED.context(SERVER), version), (peer, number) -> {
            echo(peer, number);
            spoken.complete(((SSLSocket) peer.socket()).getSession().getProtocol());
        });
        Session session = connect(server.url(), CERTIFIED.trust(directory));
        String large = "x".repeat(300_000);
        session.send(Message.text("hello"));
        session.send(Message.text(large));

        assertThat(client.next(2)).containsExactly("hello", large);
        session.close();
        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(closed.isClean()).isTrue();
        assertThat(Patience.of(spoken)).isEqualTo(version);
    }

    static Stream<Arguments> badCertificates() {
        Instant now = Instant.now();
        UnaryOperator<CertificateBuilder> good = builder -> builder.addSanDnsName("localhost");
        return Stream.of(
                Arguments.of(
                        "expired on 20",
                        CERTIFIED.issue(builder -> good.apply(builder)
                                .notBefore(now.minus(Duration.ofDays(9)))
                                .notAfter(now.minus(Duration.ofDays(2))))),
                Arguments.of(
                        "not valid before 20",
                        CERTIFIED.issue(builder -> good.apply(builder)
                                .notBefore(now.plus(Duration.ofDays(2)))
                                .notAfter(now.plus(Duration.ofDays(9))))),
                Arguments.of(
                        "names other.example, 10.1.2.3 but not localhost",
                        CERTIFIED.issue(builder ->
                                builder.addSanDnsName("other.example").addSanIpAddress("10.1.2.3"))),
                Arguments.of(
                        "names no host at all but not localhost",
                        CERTIFIED.issue(builder -> builder.subject("CN=localhost"))),
                Arguments.of("is self-signed", Certified.selfSigned(good)),
                Arguments.of(
                        "its issuer CN=another authority is not known", new Certified("another authority").issue(good)),
                Arguments.of("it is not signed by the issuer that it names", new Certified().issue(good)));
    }

    @DisplayName("TLS-01: certificates that are wrong")
    @ParameterizedTest
    @MethodSource("badCertificates")
    void saysWhatIsWrongWithACertificate(String sentence, X509Bundle certificate) throws Exception {
        Failure failure = refusedBy(certificate, "localhost", CERTIFIED.trust(directory));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CERTIFICATE);
        assertThat(failure.message())
                .contains("certificate of ")
                .contains(sentence)
                .doesNotContain("\n");
    }

    @DisplayName("TLS-01: certificates that are wrong, through an own context")
    @ParameterizedTest
    @MethodSource("badCertificates")
    void refusesABadCertificateThroughAnOwnContext(String sentence, X509Bundle certificate) throws Exception {
        Failure failure = refusedBy(certificate, "localhost", ClientTls.of(CERTIFIED.context(null)));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CERTIFICATE);
        assertThat(failure.message()).contains("certificate of ").contains("localhost");
    }

    @DisplayName("TLS-01: addresses in certificates")
    @Test
    void takesAnAddressOnlyFromAnAddressInTheCertificate() throws Exception {
        X509Bundle byName =
                CERTIFIED.issue(builder -> builder.addSanDnsName("127.0.0.1").addSanIpAddress("127.0.0.2"));

        Failure failure = refusedBy(byName, "127.0.0.1", CERTIFIED.trust(directory));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CERTIFICATE);
        assertThat(failure.message()).contains("127.0.0.2 but not 127.0.0.1");
    }

    @DisplayName("TLS-02: what is trusted by default")
    @Test
    void trustsByDefaultWhomTheJdkTrusts() throws Exception {
        Failure failure = refusedBy(SERVER, "localhost", ClientTls.trustingTheJdk());

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CERTIFICATE);
        assertThat(failure.message()).contains("is not known");
    }

    @Test
    void trustsASelfSignedCertificateThatItWasGiven() throws Exception {
        X509Bundle own = Certified.selfSigned(builder -> builder.addSanDnsName("localhost"));
        ClientTls tls = ClientTls.trusting(Certified.file(directory, "own.pem", own.getCertificatePEM()));
        RawServer server = serve(Certified.listen(CERTIFIED.context(own)), ClientTlsTest::echo);

        connect("wss://localhost:" + server.port() + "/", tls);

        client.await(SessionEvent.Ready.class);
    }

    @DisplayName("TLS-01: a trust manager that trusts everybody")
    @Test
    void verifiesTheHostThoughATrustManagerDoesNot() throws Exception {
        X509Bundle other = CERTIFIED.issue(builder -> builder.addSanDnsName("other.example"));

        Failure failure = refusedBy(other, "localhost", ClientTls.of(Certified.jdkContext(new Credulous())));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CERTIFICATE);
        assertThat(failure.message()).contains("other.example but not localhost");
    }

    @ParameterizedTest
    @CsvSource({"localhost, localhost", "127.0.0.1, ''", "[::1], ''"})
    void namesTheHostInTheHandshakeUnlessItIsAnAddress(String host, String named) throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        InetAddress address = InetAddress.getByName(host);
        RawServer server = serve(Certified.listen(CERTIFIED.context(SERVER), address), (peer, number) -> {
            String request = peer.upgrade();
            ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) peer.socket()).getSession();
            StringBuilder names = new StringBuilder();
            session.getRequestedServerNames()
                    .forEach(name -> names.append(new String(name.getEncoded(), StandardCharsets.US_ASCII)));
            seen.complete(names + "|" + request);
            peer.read(Frame.CLOSE);
        });
        connect("wss://" + host + ":" + server.port() + "/", CERTIFIED.trust(directory));

        assertThat(Patience.of(seen))
                .startsWith(named + "|GET / HTTP/1.1")
                .containsIgnoringCase("\r\nhost: " + host + ":" + server.port() + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void resumesATlsSession(String version) throws Exception {
        BlockingQueue<Long> begun = new LinkedBlockingQueue<>();
        RawServer server = serve(Certified.listen(CERTIFIED.context(SERVER), version), (peer, number) -> {
            peer.upgrade();
            SSLSocket socket = (SSLSocket) peer.socket();
            begun.add(socket.getSession().getCreationTime());
            peer.read(Frame.CLOSE);
            peer.write(Frame.close(1000, ""));
            peer.readAll();
        });
        ClientTls tls = CERTIFIED.trust(directory);
        long first = 0;
        for (int i = 0; i < 2; i++) {
            RecordingListener listener = new RecordingListener();
            Session session = opened.connect(EverwireClient.to(server.url()).tls(tls), listener);
            listener.await(SessionEvent.Ready.class);
            Long creation = begun.poll(Patience.SECONDS, TimeUnit.SECONDS);
            session.close();
            Patience.of(session.closed());
            if (i == 0) {
                first = creation;
                // Creation times are told in milliseconds: a session that begins later must differ.
                long begin = System.currentTimeMillis();
                Patience.until("another millisecond", () -> System.currentTimeMillis() > begin + 1);
            } else {
                assertThat(creation)
                        .as("the session that began with the first connection")
                        .isEqualTo(first);
            }
        }
        RecordingListener other = new RecordingListener();
        opened.connect(EverwireClient.to(server.url()).tls(CERTIFIED.trust(directory)), other);
        other.await(SessionEvent.Ready.class);
        assertThat(begun.poll(Patience.SECONDS, TimeUnit.SECONDS))
                .as("another object's session")
                .isNotEqualTo(first);
    }

    @Test
    void saysThatAPortSpeaksPlainText() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            peer.readAll();
        }));
        Failure failure = failureAt("wss://127.0.0.1:" + server.port() + "/", ClientTls.trustingTheJdk());

        assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS);
        assertThat(failure.message()).contains("answered in plain text; is it ws://?");
    }

    @Test
    void saysThatOurOwnPlainServerSpeaksPlainText() throws Exception {
        int port = opened.serve(new Echo()).port();
        Failure failure = failureAt("wss://127.0.0.1:" + port + "/", ClientTls.trustingTheJdk());

        assertThat(failure.message()).contains("answered in plain text; is it ws://?");
    }

    @Test
    void saysThatAPortSpeaksTls() throws Exception {
        RawServer server = serve(Certified.listen(CERTIFIED.context(SERVER)), ClientTlsTest::echo);
        Failure failure = failureAt("ws://127.0.0.1:" + server.port() + "/", ClientTls.trustingTheJdk());

        assertThat(failure.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
        assertThat(failure.message()).contains("answered plain text in TLS; is it wss://?");
    }

    @Test
    void saysThatTheHandshakeWasLate() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> peer.readAll()));
        Session session = opened.connect(
                EverwireClient.to("wss://127.0.0.1:" + server.port() + "/")
                        .reconnect(ReconnectPolicy.never().withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(1))),
                client);
        Failure failure = Patience.of(session.closed()).cause();

        assertThat(failure.kind()).isEqualTo(Failure.Kind.UPGRADE_TIMEOUT);
        assertThat(failure.message()).contains("TLS handshake").contains("300 ms");
    }

    @Test
    void saysThatTheServerHungUpDuringTheHandshake() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> peer.shutdownOutput()));
        Failure failure = failureAt("wss://127.0.0.1:" + server.port() + "/", ClientTls.trustingTheJdk());

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CONNECTION_LOST);
        assertThat(failure.message()).contains("TLS handshake");
    }

    @Test
    void takesAGoodbyeDuringTheHandshakeForAnEndThatMayPass() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            // The alert close_notify, as RFC 8446 §6.1 writes it.
            peer.write(new byte[] {0x15, 3, 3, 0, 2, 1, 0});
            peer.readAll();
        }));
        Failure failure = failureAt("wss://127.0.0.1:" + server.port() + "/", ClientTls.trustingTheJdk());

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CONNECTION_LOST);
        assertThat(failure.message()).contains("closed the connection during the TLS handshake");
    }

    @Test
    void saysThatTlsCannotBegin() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> peer.readAll()));
        // Never initialised.
        ClientTls unready = ClientTls.of(SSLContext.getInstance("TLS"));
        Failure failure = failureAt("wss://127.0.0.1:" + server.port() + "/", unready);

        assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS);
        assertThat(failure.message()).contains("TLS with 127.0.0.1 port").contains("cannot begin");
    }

    @Test
    void blamesTheHandshakeForNothingThatComesAfterIt() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            new RawPeer(CERTIFIED.over(peer.socket(), SERVER, "TLSv1.3"), false).readHead();
            peer.socket().setSoLinger(true, 0);
        }));
        Failure failure = failureAt("wss://127.0.0.1:" + server.port() + "/", CERTIFIED.trust(directory));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.CONNECTION_LOST);
        assertThat(failure.message()).contains("during the upgrade").doesNotContain("TLS");
    }

    @Test
    void saysThatThereIsNoVersionInCommon() throws Exception {
        CompletableFuture<Socket> accepted = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            accepted.complete(peer.socket());
            // A fatal alert, protocol_version, as RFC 8446 §6 writes it.
            peer.write(new byte[] {0x15, 3, 3, 0, 2, 2, 70});
            peer.readAll();
        }));
        Failure failure = failureAt("wss://127.0.0.1:" + server.port() + "/", ClientTls.trustingTheJdk());

        assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS);
        assertThat(failure.message()).contains("protocol_version").contains("TLS 1.2 and 1.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void saysThatTheServerWantsACertificate(String version) throws Exception {
        SSLServerSocket listening = Certified.listen(CERTIFIED.context(SERVER), version);
        listening.setNeedClientAuth(true);
        RawServer server = serve(listening, ClientTlsTest::echo);

        Failure failure = failureAt(server.url(), CERTIFIED.trust(directory));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS);
        assertThat(failure.message()).contains("alert").contains("a certificate of ours");
    }

    @Test
    void showsItsCertificateToAServerThatAsks() throws Exception {
        X509Bundle own = CERTIFIED.issue(builder -> builder.subject("CN=a client"));
        Path chain = Certified.file(directory, "own.pem", own.getCertificatePathPEM());
        Path key = Certified.file(directory, "own.key", own.getPrivateKeyPEM());
        ClientTls trust = CERTIFIED.trust(directory);
        char[] password = "secret".toCharArray();
        List<ClientTls> ways = List.of(
                trust.withIdentity(chain, key),
                trust.withIdentity(own.toKeyStore(password), password),
                ClientTls.of(CERTIFIED.context(own)));
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        SSLServerSocket listening = Certified.listen(CERTIFIED.context(SERVER));
        listening.setNeedClientAuth(true);
        RawServer server = serve(listening, (peer, number) -> {
            peer.upgrade();
            seen.add(((SSLSocket) peer.socket()).getSession().getPeerPrincipal().getName());
            peer.read(Frame.CLOSE);
        });
        for (ClientTls way : ways) {
            RecordingListener listener = new RecordingListener();
            opened.connect(EverwireClient.to(ConnectRequest.to(server.url())).tls(way), listener);
            listener.await(SessionEvent.Ready.class);
            assertThat(seen.poll(Patience.SECONDS, TimeUnit.SECONDS)).isEqualTo("CN=a client");
        }
    }

    /** Trusts everybody for everything, as applications do that were in a hurry. */
    private static final class Credulous extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
