package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.ReconnectPolicy;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that is redirected during the opening handshake. */
class RedirectionTest {
    private static final Certified CERTIFIED = new Certified();

    @TempDir
    private Path directory;

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener client = new RecordingListener();
    private final RecordingListener welcomed = new RecordingListener();

    private RawServer redirecting(String location) throws Exception {
        return opened.add(new RawServer((peer, number) -> {
            peer.readHead();
            peer.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
            peer.readAll();
        }));
    }

    @DisplayName("RED-01: a redirect to another origin")
    @Test
    void followsToAnotherOriginWithoutCredentials() throws Exception {
        EverwireServer target = opened.serve(welcomed);
        RawServer first = redirecting("http://127.0.0.1:" + target.port() + "/");

        opened.connect(
                EverwireClient.to(ConnectRequest.to("ws://127.0.0.1:" + first.port() + "/")
                        .withHeader("Authorization", "Bearer secret")
                        .withHeader("X-Own", "1")),
                client);
        client.await(SessionEvent.Ready.class);

        Handshake seen = welcomed.await(SessionEvent.Open.class).handshake();
        assertThat(seen.header("authorization")).isNull();
        assertThat(seen.header("x-own")).isEqualTo("1");
        assertThat(client.all(SessionEvent.Waiting.class)).isEmpty();
    }

    @DisplayName("RED-01: redirects without end")
    @Test
    void givesUpASixthRedirectInOneAttempt() throws Exception {
        RawServer loop = redirecting("/again");

        opened.connect(
                EverwireClient.to("ws://127.0.0.1:" + loop.port() + "/").reconnect(ReconnectPolicy.never()), client);
        Failure cause = client.await(SessionEvent.Closed.class).cause();

        assertThat(cause.httpStatus()).isEqualTo(307);
        assertThat(cause.message()).contains("5 are followed");
        assertThat(loop.accepted()).isEqualTo(6);
    }

    private RawServer inTls(RawServer.Script script) throws Exception {
        return opened.add(new RawServer("wss", Certified.listen(CERTIFIED.context(CERTIFIED.server())), script));
    }

    private static RawServer.Script redirectingTo(String location) {
        return (peer, number) -> {
            peer.readHead();
            peer.write("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
            peer.readAll();
        };
    }

    @Test
    @DisplayName("RED-01: redirects across origins over TLS")
    void followsFromPlainTextIntoTlsAndOnAcrossOrigins() throws Exception {
        CompletableFuture<String> arrived = new CompletableFuture<>();
        RawServer target = inTls((peer, number) -> {
            arrived.complete(peer.upgrade());
            peer.read(Frame.CLOSE);
        });
        RawServer second = inTls(redirectingTo("https://localhost:" + target.port() + "/there"));
        RawServer first = redirecting("https://127.0.0.1:" + second.port() + "/");
        opened.connect(
                EverwireClient.to(ConnectRequest.to(first.url())
                                .withHeader("Authorization", "Bearer secret")
                                .withHeader("X-Own", "1"))
                        .tls(CERTIFIED.trust(directory)),
                client);

        client.await(SessionEvent.Ready.class);
        assertThat(Patience.of(arrived))
                .startsWith("GET /there ")
                .containsIgnoringCase("x-own: 1")
                .doesNotContain("secret");
    }

    @Test
    @DisplayName("RED-01: a redirect out of TLS")
    void doesNotFollowOutOfTls() throws Exception {
        EverwireServer plain = opened.serve(welcomed);
        RawServer first = inTls(redirectingTo("http://127.0.0.1:" + plain.port() + "/"));
        opened.connect(
                EverwireClient.to(first.url()).tls(CERTIFIED.trust(directory)).reconnect(ReconnectPolicy.never()),
                client);
        Failure cause = client.await(SessionEvent.Closed.class).cause();

        assertThat(cause.httpStatus()).isEqualTo(302);
        assertThat(cause.message()).contains("out of TLS");
        assertThat(welcomed.all(SessionEvent.Open.class)).isEmpty();
    }

    @Test
    @DisplayName("RED-01: cookies of other origins")
    void sendsToEachOriginItsOwnCookiesAndKeepsWhatAnswersSet() throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        CompletableFuture<String> arrived = new CompletableFuture<>();
        RawServer target = inTls((peer, number) -> {
            String request = peer.readHead();
            arrived.complete(request);
            peer.write(RawPeer.answerTo(request) + "Set-Cookie: upgraded=3; Secure\r\n\r\n");
            peer.read(Frame.CLOSE);
        });
        RawServer first = opened.add(new RawServer((peer, number) -> {
            asked.complete(peer.readHead());
            peer.write(
                    "HTTP/1.1 307 Temporary Redirect\r\nSet-Cookie: redirected=2\r\nSet-Cookie: more=4\r\nLocation: wss://localhost:"
                            + target.port() + "/\r\nContent-Length: 0\r\n\r\n");
            peer.readAll();
        }));
        CookieManager cookies = new CookieManager();
        URI home = URI.create("http://127.0.0.1:" + first.port() + "/");
        cookies.put(home, Map.of("Set-Cookie", List.of("first=1")));
        cookies.put(
                URI.create("https://localhost:" + target.port() + "/"),
                Map.of("Set-Cookie", List.of("second=1; Secure")));
        opened.connect(
                EverwireClient.to(ConnectRequest.to(first.url()).withHeader("Cookie", "own=0"))
                        .tls(CERTIFIED.trust(directory))
                        .cookies(cookies),
                client);
        client.await(SessionEvent.Ready.class);

        assertThat(Patience.of(asked))
                .containsIgnoringCase("\r\ncookie: own=0; first=1\r\n")
                .doesNotContain("second");
        assertThat(Patience.of(arrived))
                .containsIgnoringCase("\r\ncookie: second=1\r\n")
                .doesNotContain("own=0");
        assertThat(cookies.getCookieStore().getCookies())
                .extracting(HttpCookie::getName)
                .containsExactlyInAnyOrder("first", "second", "redirected", "more", "upgraded");
    }

    @Test
    void failsAnAttemptWhoseCookiesCannotBeHad() throws Exception {
        EverwireServer target = opened.serve(welcomed);
        CookieHandler broken = new CookieHandler() {
            @Override
            public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) throws IOException {
                throw new IOException("the jar is empty");
            }

            @Override
            public void put(URI uri, Map<String, List<String>> headers) {}
        };
        opened.connect(
                EverwireClient.to(Opened.url(target.port())).cookies(broken).reconnect(ReconnectPolicy.never()),
                client);

        assertThat(client.await(SessionEvent.Closed.class).cause().kind()).isEqualTo(Failure.Kind.CREDENTIALS);
    }
}
