package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 6455 §4.1: what a client takes for a WebSocket server, and what it says of everything else. */
class ClientHandshakeTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener client = new RecordingListener();

    /** Connects once, and returns why that was the end. */
    private SessionEvent.Closed closedBy(RawServer.Script script) throws Exception {
        RawServer server = opened.add(new RawServer(script));
        Session session = opened.connect(EverwireClient.to(server.url()).reconnect(ReconnectPolicy.never()), client);
        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(server.accepted()).isEqualTo(1);
        return closed;
    }

    static Stream<Arguments> statuses() {
        return Stream.of(
                Arguments.of(200, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"),
                Arguments.of(404, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of(302, "HTTP/1.1 302 Found\r\nLocation: ftp://elsewhere/\r\n\r\n"),
                Arguments.of(503, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n\r\n"),
                Arguments.of(100, "HTTP/1.1 100 Continue\r\n\r\n"));
    }

    @DisplayName("SMG-03: another status")
    @ParameterizedTest
    @MethodSource("statuses")
    void saysWhichStatusAnsweredInsteadOf101(int status, String answer) throws Exception {
        Failure cause = closedBy((peer, number) -> {
                    peer.readHead();
                    peer.write(answer);
                    peer.readAll();
                })
                .cause();

        assertThat(cause.kind()).isEqualTo(Failure.Kind.HTTP_STATUS);
        assertThat(cause.httpStatus()).isEqualTo(status);
        assertThat(cause.message()).contains("answered " + status).contains("101");
        assertThat(cause.retryAfter()).isEqualTo(status == 503 ? Duration.ofSeconds(7) : null);
    }

    static Stream<Arguments> badHandshakes() {
        return Stream.of(
                Arguments.of("Sec-WebSocket-Accept", "Sec-WebSocket-Accept: .*", "Sec-WebSocket-Accept: bm9wZQ=="),
                Arguments.of("Sec-WebSocket-Accept", "Sec-WebSocket-Accept: .*", "X-Nothing: 1"),
                Arguments.of("Upgrade", "Upgrade: websocket", "Upgrade: h2c"),
                Arguments.of("Connection", "Connection: Upgrade", "Connection: close"),
                Arguments.of(
                        "extensions",
                        "Upgrade: websocket",
                        "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate"),
                Arguments.of(
                        "subprotocol", "Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: unasked"));
    }

    @DisplayName("SMG-03: a 101 that is not right")
    @ParameterizedTest
    @MethodSource("badHandshakes")
    void saysWhatIsWrongWithThe101(String word, String right, String wrong) throws Exception {
        Failure cause = closedBy((peer, number) -> {
                    String answer = RawPeer.answerTo(peer.readHead());
                    peer.write(answer.replaceAll(right, wrong) + "\r\n");
                    peer.readAll();
                })
                .cause();

        assertThat(cause.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
        assertThat(cause.message()).contains(word);
    }

    @Test
    void takesTheSubprotocolThatTheServerChose() throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            String request = peer.readHead();
            asked.complete(request);
            peer.write(RawPeer.answerTo(request) + "Sec-WebSocket-Protocol: v1\r\nX-Region: north\r\n\r\n");
            peer.read(Frame.CLOSE);
        }));
        Session session = opened.connect(
                EverwireClient.to(ConnectRequest.to("ws://localhost:" + server.port() + "/chat?room=1")
                        .withSubprotocols("v2", "v1")
                        .withHeader("Authorization", "Bearer secret")),
                client);
        Handshake handshake = client.await(SessionEvent.Open.class).handshake();

        assertThat(handshake.subprotocol()).isEqualTo("v1");
        assertThat(handshake.header("X-Region")).isEqualTo("north");
        assertThat(Patience.of(asked))
                .startsWith("GET /chat?room=1 HTTP/1.1\r\n")
                .containsIgnoringCase("\r\nhost: localhost:" + server.port() + "\r\n")
                .containsIgnoringCase("\r\nsec-websocket-protocol: v2, v1\r\n")
                .containsIgnoringCase("\r\nsec-websocket-version: 13\r\n")
                .containsIgnoringCase("\r\nauthorization: Bearer secret\r\n")
                .doesNotContainIgnoringCase("sec-websocket-extensions");
        assertThat(session.explain()).doesNotContain("secret").doesNotContain("room=1");
    }

    @DisplayName("CLI-01: headers without end")
    @Test
    void givesUpOnEndlessHeaders() throws Exception {
        Failure cause = closedBy((peer, number) -> {
                    peer.readHead();
                    peer.write("HTTP/1.1 101 Switching Protocols\r\n");
                    while (true) {
                        peer.write("X-More: and more\r\n");
                    }
                })
                .cause();

        assertThat(cause.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
        assertThat(cause.message()).contains("8192").contains("16384");
    }

    @Test
    void countsTheLinesOfTheAnswer() throws Exception {
        Failure cause = closedBy((peer, number) -> {
                    peer.write(RawPeer.answerTo(peer.readHead()) + "X: 1\r\n".repeat(70) + "\r\n");
                    peer.readAll();
                })
                .cause();

        assertThat(cause.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
        assertThat(cause.message()).contains("64 header lines");
    }

    @Test
    void givesUpOnAnAnswerThatDripsInWithoutEnd() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.readHead();
            peer.write("HTTP/1.1 101 Switching Protocols\r\nX-Slow: ");
            peer.readAll();
        }));
        Session session = opened.connect(
                EverwireClient.to(server.url())
                        .reconnect(ReconnectPolicy.never().withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(1))),
                client);

        Failure cause = Patience.of(session.closed()).cause();

        assertThat(cause.kind()).isEqualTo(Failure.Kind.UPGRADE_TIMEOUT);
        assertThat(cause.message()).contains("300 ms");
    }

    @Test
    void saysThatNoHttpServerListensThere() throws Exception {
        Failure cause = closedBy((peer, number) -> {
                    peer.write("220 mail.example ESMTP\r\n\r\n");
                    peer.readAll();
                })
                .cause();

        assertThat(cause.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
        assertThat(cause.message()).contains("WebSocket server");
    }

    @Test
    void saysThatTheServerHungUpWithoutAnAnswer() throws Exception {
        Failure cause = closedBy((peer, number) -> peer.readHead()).cause();

        assertThat(cause.kind()).isEqualTo(Failure.Kind.CONNECTION_LOST);
        assertThat(cause.message()).contains("without answering");
    }

    @Test
    void saysThatThePortRefuses() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        Session session =
                opened.connect(EverwireClient.to(Opened.url(port)).reconnect(ReconnectPolicy.never()), client);

        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.REFUSED);
        assertThat(closed.cause().message()).contains(Integer.toString(port)).contains("refused");
        assertThat(closed.epoch()).isZero();
    }

    @DisplayName("SMG-04: frames in the segment of the answer")
    @Test
    void readsFramesInTheSameSegmentAsTheAnswerSplitAtEveryOffset() throws Exception {
        int offsets = 160;
        RawServer server = opened.add(new RawServer((peer, number) -> {
            byte[] head = (RawPeer.answerTo(peer.readHead()) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            byte[] frames = peer.bytes(Frame.text("early"), Frame.close(4000, "next"));
            byte[] all = Arrays.copyOf(head, head.length + frames.length);
            System.arraycopy(frames, 0, all, head.length, frames.length);
            int offset = Math.min(number, all.length);
            peer.write(Arrays.copyOf(all, offset));
            peer.write(Arrays.copyOfRange(all, offset, all.length));
            peer.read(Frame.CLOSE);
        }));
        for (int i = 0; i < offsets; i++) {
            RecordingListener listener = new RecordingListener();
            Session session = opened.connect(
                    EverwireClient.to(
                                    ConnectRequest.to("ws://other" + i + "/"),
                                    attempt -> CompletableFuture.completedFuture(ConnectRequest.to(server.url())))
                            .reconnect(ReconnectPolicy.never()),
                    listener);
            assertThat(Patience.of(session.closed()).status().code()).isEqualTo(4000);
            assertThat(listener.texts()).containsExactly("early");
        }
    }

    @Test
    void failsWithProtocolErrorWhenTheServerMasksItsFrames() throws Exception {
        CompletableFuture<Frame> answer = new CompletableFuture<>();
        SessionEvent.Closed closed = closedBy((peer, number) -> {
            peer.upgrade();
            peer.write(Frame.text("valid"));
            peer.write(Frame.text("masked").bytes(true));
            answer.complete(peer.read(Frame.CLOSE));
        });

        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.PROTOCOL);
        assertThat(closed.status().code()).isEqualTo(CloseCode.PROTOCOL_ERROR);
        assertThat(Patience.of(answer).closeCode()).isEqualTo(CloseCode.PROTOCOL_ERROR);
        assertThat(client.texts()).containsExactly("valid");
    }

    @Test
    void triesAgainWithinItsBudgetWhenTheServerHangsUp() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.readHead();
            if (number > 3) {
                peer.write("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
            }
        }));
        Session session = opened.connect(
                EverwireClient.to(server.url()).reconnect(ReconnectPolicy.DEFAULT.withBudgets(5, 300)), client);
        for (int i = 1; i <= 5; i++) {
            client.await(SessionEvent.Waiting.class, i);
            session.reconnectNow();
        }
        // The sixth upgrade is beyond the budget of five a minute, whoever asks for it.
        session.reconnectNow();
        client.await(SessionEvent.Waiting.class, 5);

        assertThat(client.all(SessionEvent.Waiting.class))
                .extracting(wait -> wait.failure().kind())
                .startsWith(Failure.Kind.CONNECTION_LOST)
                .contains(Failure.Kind.HTTP_STATUS);
        assertThat(server.accepted()).isLessThanOrEqualTo(6);
        assertThat(session.epoch()).isZero();
    }

    @Test
    void ignoresARequestThatIsSuppliedAfterItsAttemptWasGivenUp() throws Exception {
        RawServer late = opened.add(new RawServer((peer, number) -> peer.upgrade()));
        RawServer right = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            peer.read(Frame.CLOSE);
        }));
        LinkedBlockingQueue<CompletableFuture<ConnectRequest>> asked = new LinkedBlockingQueue<>();
        Session session = opened.connect(
                EverwireClient.to(ConnectRequest.to(right.url()), attempt -> {
                            CompletableFuture<ConnectRequest> answer = new CompletableFuture<>();
                            asked.add(answer);
                            return answer;
                        })
                        .reconnect(ReconnectPolicy.DEFAULT.withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1))),
                client);
        CompletableFuture<ConnectRequest> first = asked.take();
        client.await(SessionEvent.Waiting.class);

        first.complete(ConnectRequest.to(late.url()));
        session.reconnectNow();
        asked.take().complete(ConnectRequest.to(right.url()));

        client.await(SessionEvent.Ready.class);
        assertThat(session.epoch()).isEqualTo(1);
        assertThat(late.accepted()).isZero();
    }
}
