package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.transport.ProxySelection;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tunnels by real proxies, and what becomes of those that are refused, or asked of what is no proxy. */
class ProxyTest {
    private static final Certified CERTIFIED = new Certified();
    private static final X509Bundle SERVER = CERTIFIED.server();

    @AutoClose
    private final Opened opened = new Opened();

    @TempDir
    private Path directory;

    private final RecordingListener client = new RecordingListener();
    private final CompletableFuture<String> request = new CompletableFuture<>();

    private void echo(RawPeer peer, int number) throws IOException {
        request.complete(peer.upgrade());
        for (Frame frame = peer.readOrEnd(); frame != null; frame = peer.readOrEnd()) {
            peer.write(frame.opcode() == Frame.PING ? Frame.pongTo(frame) : frame);
        }
    }

    private RawServer secure() throws IOException {
        return opened.add(new RawServer("wss", Certified.listen(CERTIFIED.context(SERVER)), this::echo));
    }

    private Session connect(String url, String proxy) throws IOException {
        return opened.connect(
                EverwireClient.to(url)
                        .tls(CERTIFIED.trust(directory))
                        .proxy(ProxySelection.of(proxy))
                        .reconnect(ReconnectPolicy.never()),
                client);
    }

    private void converse(String url, String proxy) throws IOException {
        Session session = connect(url, proxy);
        session.send(Message.text("through"));
        assertThat(client.next().text()).isEqualTo("through");
        assertThat(Patience.of(request)).doesNotContainIgnoringCase("proxy-authorization");
        session.close();
        assertThat(Patience.of(session.closed()).isClean()).isTrue();
        assertThat(session.explain()).doesNotContain(RealProxy.PASSWORD).doesNotContain("love");
    }

    private Failure refusal(String proxy) throws IOException {
        return Patience.of(connect("ws://target.example:81/", proxy).closed()).cause();
    }

    private static String credentials() {
        return RealProxy.USER + ":" + URLEncoder.encode(RealProxy.PASSWORD, StandardCharsets.UTF_8) + "@";
    }

    @Test
    void tunnelsTlsThroughTinyproxyWithAPassword() throws Exception {
        RealProxy proxy = opened.add(RealProxy.tinyproxy(directory));

        converse("wss://localhost:" + secure().port() + "/", "http://" + credentials() + "127.0.0.1:" + proxy.port());
    }

    @Test
    void tunnelsPlainTextThroughTinyproxyWithAPassword() throws Exception {
        RealProxy proxy = opened.add(RealProxy.tinyproxy(directory));
        RawServer server = opened.add(new RawServer(this::echo));

        converse(server.url(), "http://" + credentials() + "localhost:" + proxy.port());
    }

    @Test
    void isAskedForThePasswordByTinyproxy() throws Exception {
        RealProxy proxy = opened.add(RealProxy.tinyproxy(directory));
        Failure none = refusal("http://127.0.0.1:" + proxy.port());
        assertThat(none.kind()).isEqualTo(Failure.Kind.PROXY_REFUSED);
        assertThat(none.httpStatus()).isIn(401, 407);
    }

    @Test
    void tunnelsThroughSquidAndIsRefusedWhatItForbids() throws Exception {
        RealProxy proxy = opened.add(RealProxy.squid(directory));
        converse("wss://localhost:" + secure().port() + "/", "http://127.0.0.1:" + proxy.port());

        RecordingListener other = new RecordingListener();
        Session forbidden = opened.connect(
                EverwireClient.to("ws://127.0.0.1:1/")
                        .proxy(ProxySelection.of("127.0.0.1:" + proxy.port()))
                        .reconnect(ReconnectPolicy.never()),
                other);
        Failure failure = Patience.of(forbidden.closed()).cause();
        assertThat(failure.kind()).isEqualTo(Failure.Kind.PROXY_REFUSED);
        assertThat(failure.httpStatus()).isEqualTo(403);
    }

    @Test
    void isToldBySquidThatTheServerIsNotThere() throws Exception {
        RealProxy proxy = opened.add(RealProxy.squid(directory));
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        Failure failure = Patience.of(connect("ws://127.0.0.1:" + closed + "/", "http://127.0.0.1:" + proxy.port())
                        .closed())
                .cause();

        assertThat(failure.kind()).isEqualTo(Failure.Kind.PROXY);
        assertThat(failure.httpStatus()).isEqualTo(503);
        assertThat(failure.message()).contains("opened no tunnel to 127.0.0.1 port " + closed);
    }

    @Test
    void tunnelsThroughDanteAndIsRefusedWhatItForbids() throws Exception {
        RealProxy proxy = opened.add(RealProxy.dante(directory));
        converse("wss://localhost:" + secure().port() + "/", "socks5h://127.0.0.1:" + proxy.port());

        RecordingListener other = new RecordingListener();
        Session forbidden = opened.connect(
                EverwireClient.to("ws://127.0.0.1:1/")
                        .proxy(ProxySelection.of("socks5://127.0.0.1:" + proxy.port()))
                        .reconnect(ReconnectPolicy.never()),
                other);
        Failure failure = Patience.of(forbidden.closed()).cause();
        assertThat(failure.kind()).isEqualTo(Failure.Kind.PROXY_REFUSED);
        assertThat(failure.message()).contains("FORBIDDEN");
    }

    static Stream<Arguments> httpRefusals() {
        String dead = "\r\nContent-Length: 1000000\r\n\r\n";
        return Stream.of(
                Arguments.of("HTTP/1.1 407 Proxy Authentication Required" + dead, true, 407, "asks for a user"),
                Arguments.of("HTTP/1.1 403 Forbidden" + dead, true, 403, "answered 403 Forbidden"),
                Arguments.of("HTTP/1.1 429 Too Many Requests" + dead, false, 429, "answered 429 Too Many Requests"),
                Arguments.of("HTTP/1.1 502 Bad Gateway" + dead, false, 502, "answered 502 Bad Gateway"),
                Arguments.of("HTTP/1.1 302 Found" + dead, false, 302, "answered 302 Found"),
                Arguments.of("220 mail.example ESMTP\r\n", true, 0, "what listens there?"),
                Arguments.of("HTTP/1.1 200 OK\r\n" + "X-More: and more\r\n".repeat(2_000), true, 0, "8192 in all"),
                Arguments.of("", false, 0, "ended the connection before the tunnel"));
    }

    @ParameterizedTest
    @MethodSource("httpRefusals")
    void saysWhatAnHttpProxyAnswered(String answer, boolean isHopeless, int status, String words) throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        RawServer proxy = opened.add(new RawServer((peer, number) -> {
            asked.complete(peer.readHead());
            peer.write(answer);
            if (!answer.isEmpty()) {
                peer.readAll();
            }
        }));
        Failure failure = refusal("http://127.0.0.1:" + proxy.port());

        assertThat(failure.kind()).isEqualTo(isHopeless ? Failure.Kind.PROXY_REFUSED : Failure.Kind.PROXY);
        assertThat(failure.httpStatus()).isEqualTo(status);
        assertThat(failure.message())
                .contains("an HTTP proxy at 127.0.0.1 port " + proxy.port())
                .contains(words);
        assertThat(Patience.of(asked)).startsWith("CONNECT target.example:81 HTTP/1.1\r\n");
    }

    @Test
    void saysThatNoServerCanHaveSuchAName() throws Exception {
        RawServer proxy = opened.add(new RawServer((peer, number) -> {
            peer.readHead();
            peer.write("HTTP/1.1 200 OK\r\n\r\n");
            peer.readAll();
        }));
        String url = "wss://" + "a".repeat(64) + ".example/";
        Failure failure = Patience.of(
                        connect(url, "http://127.0.0.1:" + proxy.port()).closed())
                .cause();

        assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS);
        assertThat(failure.message()).contains("cannot begin").contains("label");
    }

    static Stream<Arguments> socksRefusals() {
        return Stream.of(
                Arguments.of(new byte[] {5, (byte) 0xff}, true, "takes no user and password of ours"),
                Arguments.of(new byte[] {5, 2, 1, 1}, true, "asks for another user or password"),
                Arguments.of(new byte[] {5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0}, true, "FORBIDDEN"),
                Arguments.of(new byte[] {5, 0, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0}, false, "HOST_UNREACHABLE"),
                Arguments.of(
                        "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII), true, "what listens"));
    }

    @ParameterizedTest
    @MethodSource("socksRefusals")
    void saysWhatASocksProxyAnswered(byte[] answer, boolean isHopeless, String words) throws Exception {
        RawServer proxy = opened.add(new RawServer((peer, number) -> {
            peer.write(answer);
            peer.readAll();
        }));
        Failure failure = refusal("socks5://user:secret@127.0.0.1:" + proxy.port());

        assertThat(failure.kind()).isEqualTo(isHopeless ? Failure.Kind.PROXY_REFUSED : Failure.Kind.PROXY);
        assertThat(failure.message()).contains(words).doesNotContain("secret").doesNotContain("user:");
    }

    @Test
    void saysThatTheProxyWasSilent() throws Exception {
        RawServer proxy = opened.add(new RawServer((peer, number) -> peer.readAll()));
        Session session = opened.connect(
                EverwireClient.to("ws://target.example/")
                        .proxy(ProxySelection.of("http://127.0.0.1:" + proxy.port()))
                        .reconnect(ReconnectPolicy.never().withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(1))),
                client);
        Failure failure = Patience.of(session.closed()).cause();

        assertThat(failure.kind()).isEqualTo(Failure.Kind.PROXY);
        assertThat(failure.message())
                .contains("the proxy opened no tunnel within")
                .contains("300 ms");
    }

    @Test
    void sendsCredentialsToTheProxyOnly() throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        CompletableFuture<String> inside = new CompletableFuture<>();
        RawServer proxy = opened.add(new RawServer((peer, number) -> {
            asked.complete(peer.readHead());
            peer.write("HTTP/1.1 201 Any 2xx will do\r\n\r\n");
            inside.complete(peer.upgrade());
            peer.read(Frame.CLOSE);
        }));
        connect("ws://[2001:db8::1]/chat", "http://me:pass%20word@127.0.0.1:" + proxy.port());
        SessionEvent.Ready ready = client.await(SessionEvent.Ready.class);

        assertThat(ready.epoch()).isEqualTo(1);
        assertThat(Patience.of(asked))
                .startsWith("CONNECT [2001:db8::1]:80 HTTP/1.1\r\n")
                .containsIgnoringCase("\r\nproxy-authorization: Basic bWU6cGFzcyB3b3Jk\r\n");
        assertThat(Patience.of(inside)).startsWith("GET /chat ").doesNotContainIgnoringCase("proxy-authorization");
    }

    @Test
    void saysThatTheProxyIsNotThere() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        Failure failure = refusal("http://127.0.0.1:" + closed);

        assertThat(failure.kind()).isEqualTo(Failure.Kind.REFUSED);
        assertThat(failure.message())
                .contains("the proxy 127.0.0.1 port " + closed)
                .contains("is the proxy running?");
    }

    @Test
    void goesDirectWhereTheEnvironmentSaysSo() throws Exception {
        RawServer server = opened.add(new RawServer(this::echo));
        ProxySelection selection = ProxySelection.ofEnvironment(java.util.Map.of("http_proxy", "http://127.0.0.1:1"));
        opened.connect(EverwireClient.to(ConnectRequest.to(server.url())).proxy(selection), client);

        client.await(SessionEvent.Ready.class);
    }
}
