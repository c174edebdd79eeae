package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.SessionEvent;
import io.everwire.server.Authentication;
import io.everwire.server.Authenticator;
import io.everwire.server.EverwireServer;
import io.everwire.transport.OriginPolicy;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in: by origin, by path, by credentials. */
class AdmissionTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();
    private final CompletableFuture<Authentication> decision = new CompletableFuture<>();
    private final CompletableFuture<Handshake> asked = new CompletableFuture<>();

    private record Name(String name) implements Principal {
        @Override
        public String getName() {
            return name;
        }
    }

    private CompletionStage<Authentication> askLater(Handshake handshake) {
        asked.complete(handshake);
        return decision;
    }

    private EverwireServer serve(Authenticator authenticator) {
        return opened.serve(EverwireServer.builder().listen("/", echo).authenticate(authenticator));
    }

    private static String request(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\n" + RawPeer.HEADERS + headers + "\r\n";
    }

    private static String answer(EverwireServer server, String request) throws Exception {
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(request);
            String head = peer.readHead();
            return head.startsWith("HTTP/1.1 101 ") ? head : head + peer.readAll();
        }
    }

    /** ORG-01. */
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1, 101", "https://127.0.0.1, 403", "http://127.0.0.1:81, 403",
                "http://127.0.0.1.evil.example, 403",
        "http://user@127.0.0.1, 403", "null, 403", "http://evil.example, 403", "'http://127.0.0.1 ', 101"
    })
    @DisplayName("ORG-01: pages of other hosts")
    void allowsPagesOfTheSameHostOnly(String origin, int status) throws Exception {
        String answer = answer(opened.serve(echo), request("/", "Origin: " + origin + "\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        if (status == 403) {
            assertThat(answer).contains("pages of this origin may not connect").doesNotContain("evil");
        }
    }

    @Test
    @DisplayName("ORG-01: no origin")
    void allowsWhatIsNoPageUnlessAnOriginIsRequired() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .listen("/", echo)
                .origins(OriginPolicy.allow("https://app.example").withOriginRequired()));
        assertThat(answer(opened.serve(echo), RawPeer.REQUEST)).startsWith("HTTP/1.1 101 ");
        assertThat(answer(server, RawPeer.REQUEST)).startsWith("HTTP/1.1 403 ");
        assertThat(answer(server, request("/", "Origin: https://app.example\r\n")))
                .startsWith("HTTP/1.1 101 ");
        assertThat(answer(server, request("/", "Origin: https://app.example\r\nOrigin: https://app.example\r\n")))
                .startsWith("HTTP/1.1 403 ");
    }

    @Test
    @DisplayName("ORG-01: a foreign page with credentials")
    void asksNobodyAboutAForeignPage() throws Exception {
        EverwireServer server = serve(this::askLater);
        assertThat(answer(server, request("/", "Origin: http://evil.example\r\n")))
                .startsWith("HTTP/1.1 403 ");
        assertThat(answer(server, request("/elsewhere", ""))).startsWith("HTTP/1.1 404 ");
        assertThat(asked).isNotDone();
    }

    /** AUT-01. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "//admin",
                "/./admin",
                "/x/../admin",
                "/admin/",
                "/admin/.",
                "/%61dmin",
                "/admin%2e",
                "/admin;x",
                "/Admin",
                "/admin%00",
                "/admin.",
                "/%2fadmin",
                "/admin%20",
                "http://127.0.0.1/admin",
                "/admin\\"
            })
    @DisplayName("AUT-01: other ways to write a path")
    void decidesAboutOnePathAndNoOtherWayToWriteIt(String path) throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/admin", echo).authenticate(this::askLater));
        assertThat(answer(server, request(path, ""))).startsWith("HTTP/1.1 404 ");
        assertThat(asked).isNotDone();
    }

    @Test
    void knowsWhoWasLetIn() throws Exception {
        EverwireServer server =
                serve(handshake -> Authentication.granted(new Name(Objects.requireNonNull(handshake.header("x-user"))))
                        .now());
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(request("/", "X-User: alice\r\n"));
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            Handshake handshake = echo.await(SessionEvent.Open.class).handshake();
            assertThat(handshake.principal()).isEqualTo(new Name("alice"));
            assertThat(handshake.toString()).doesNotContain("alice");
        }
    }

    @Test
    void turnsAwayWithWhatTheAuthenticatorSays() throws Exception {
        EverwireServer server = serve(handshake -> switch (String.valueOf(handshake.query())) {
            case "a" -> Authentication.unauthorized("Bearer realm=\"here\"").now();
            case "b" -> Authentication.forbidden("the account is closed").now();
            case "c" ->
                Authentication.refused(429, "slow down", Map.of("Retry-After", "7"))
                        .now();
            case "d" -> Authentication.refused(200, "what", Map.of()).now();
            case "h" ->
                Authentication.refused(101, "as another server said", Map.of()).now();
            case "e" ->
                Authentication.refused(400, "what", Map.of("X", "a\r\nSet-Cookie: b"))
                        .now();
            case "f" -> CompletableFuture.failedStage(new IllegalArgumentException("token s3cret"));
            default -> throw new IllegalArgumentException("token s3cret");
        });
        assertThat(answer(server, request("/?a", "")))
                .startsWith("HTTP/1.1 401 ")
                .containsIgnoringCase("www-authenticate: Bearer realm=\"here\"\r\n");
        assertThat(answer(server, request("/?b", "")))
                .startsWith("HTTP/1.1 403 ")
                .contains("the account is closed");
        assertThat(answer(server, request("/?c", "")))
                .startsWith("HTTP/1.1 429 ")
                .contains("Retry-After: 7");
        for (String failing : new String[] {"d", "e", "f", "g", "h"}) {
            try (Logged log = Logged.listen()) {
                assertThat(answer(server, request("/?" + failing, "")))
                        .startsWith("HTTP/1.1 500 ")
                        .doesNotContain("Set-Cookie")
                        .doesNotContain("s3cret");
                assertThat(log.ours())
                        .anyMatch(line -> line.startsWith("ERROR") && line.contains("IllegalArgumentException"))
                        .noneMatch(line -> line.contains("s3cret"));
            }
        }
        assertThat(server.sessions()).isEmpty();
    }

    /** AUT-02. */
    @Test
    @DisplayName("AUT-02: messages before the decision")
    void keepsTheFirstMessagesUntilTheClientIsLetIn() throws Exception {
        EverwireServer server = serve(this::askLater);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(RawPeer.REQUEST);
            peer.write(Frame.text("early"));
            Patience.of(asked);
            peer.write(Frame.text("earlier than allowed"));
            assertThat(echo.events()).isEmpty();
            assertThat(server.sessions()).isEmpty();

            decision.complete(Authentication.granted(null));

            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo("early");
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo("earlier than allowed");
        }
    }

    @Test
    @DisplayName("AUT-02: messages of who is not let in")
    void dropsTheFirstMessagesOfWhoIsNotLetIn() throws Exception {
        EverwireServer server = serve(this::askLater);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(RawPeer.REQUEST);
            peer.write(Frame.text("early"));
            Patience.of(asked);
            decision.complete(Authentication.forbidden("nobody is let in"));
            assertThat(peer.readAll()).startsWith("HTTP/1.1 403 ").doesNotContain("early");
        }
        assertThat(echo.events()).isEmpty();
    }

    @Test
    @DisplayName("AUT-02: a flood before the decision")
    void readsNoMoreThanALittleFromWhoIsNotLetInYet() throws Exception {
        EverwireServer server = serve(this::askLater);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(RawPeer.REQUEST);
            Patience.of(asked);
            int frames = 400;
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < frames; i++) {
                        peer.write(Frame.binary(60_000));
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            // 24 MB cross the loopback in far less, and fit into no buffer on the way.
            Awaitility.await().during(Duration.ofMillis(300)).until(() -> !writing.isDone());
            decision.complete(Authentication.granted(null));
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            Patience.until(
                    "some are echoed", () -> echo.events().stream().anyMatch(SessionEvent.Ready.class::isInstance));
            peer.reset();
            writing.handle((done, error) -> null).join();
        }
    }

    @Test
    void cancelsTheDecisionWhenTheClientLeaves() throws Exception {
        EverwireServer server = serve(this::askLater);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(RawPeer.REQUEST);
            Patience.of(asked);
            peer.reset();
        }
        Patience.until("it is cancelled", decision::isCancelled);
        Patience.until("its place is free", () -> server.connections() == 0);
    }

    @Test
    void answersInTimeThoughTheAuthenticatorNeverDoes() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withTimeouts(
                        Duration.ofMillis(300), Duration.ofSeconds(2), Duration.ofSeconds(30)))
                .authenticate(this::askLater)
                .listen("/", echo));
        assertThat(answer(server, RawPeer.REQUEST)).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: ");
        Patience.until("it is cancelled", decision::isCancelled);
        assertThat(server.sessions()).isEmpty();
    }

    @Test
    void choosesASubprotocolByTheHandshake() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .listen("/", echo, "ignored")
                .authenticate(
                        handshake -> Authentication.granted(new Name("v2")).now())
                .subprotocols((offered, handshake) -> {
                    if (handshake.query().equals("broken")) {
                        throw new AssertionError("s3cret");
                    }
                    String wanted =
                            Objects.requireNonNull(handshake.principal()).getName();
                    return handshake.query().equals("wrong") ? "v9" : offered.contains(wanted) ? wanted : null;
                }));
        String offer = "Sec-WebSocket-Protocol: ignored, v1, v2\r\n";
        assertThat(answer(server, request("/", offer))).containsIgnoringCase("sec-websocket-protocol: v2\r\n");
        assertThat(answer(server, request("/", "")))
                .startsWith("HTTP/1.1 101 ")
                .doesNotContainIgnoringCase("sec-websocket-protocol");
        assertThat(answer(server, request("/?wrong", offer))).startsWith("HTTP/1.1 500 ");
        assertThat(answer(server, request("/?broken", offer))).startsWith("HTTP/1.1 500 ");
    }

    @Test
    void answersWhenAListenerCannotBeMade() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .listen(
                        "/",
                        handshake -> {
                            throw new IllegalStateException("token s3cret");
                        },
                        null));
        try (Logged log = Logged.listen()) {
            assertThat(answer(server, RawPeer.REQUEST)).startsWith("HTTP/1.1 500 ");
            assertThat(log.ours()).anyMatch(line -> line.startsWith("ERROR") && line.contains("IllegalStateException"));
        }
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without the checker can do.
    void answersWhenAListenerFactoryMakesNone() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder().listen("/", handshake -> null, null));
        assertThat(answer(server, RawPeer.REQUEST)).startsWith("HTTP/1.1 500 ");
    }
}
