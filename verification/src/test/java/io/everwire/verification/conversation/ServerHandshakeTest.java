package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455 §4.2: what a server lets in, and how it turns everybody else away. */
class ServerHandshakeTest {
    private static final String HEADERS = RawPeer.HEADERS;
    private static final String GET = "GET / HTTP/1.1\r\n";

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(405, "POST / HTTP/1.1\r\n" + HEADERS),
                Arguments.of(405, "HEAD / HTTP/1.1\r\n" + HEADERS),
                Arguments.of(400, "GET / HTTP/1.0\r\n" + HEADERS),
                Arguments.of(404, "GET /elsewhere HTTP/1.1\r\n" + HEADERS),
                Arguments.of(404, "GET //// HTTP/1.1\r\n" + HEADERS),
                Arguments.of(404, "GET /%2e HTTP/1.1\r\n" + HEADERS),
                Arguments.of(426, GET + HEADERS.replace("Version: 13", "Version: 8")),
                Arguments.of(426, GET + HEADERS.replace("Version: 13", "Version: 14")),
                Arguments.of(426, GET + HEADERS.replace("Sec-WebSocket-Version: 13\r\n", "")),
                Arguments.of(426, GET + HEADERS + "Sec-WebSocket-Version: 13\r\n"),
                Arguments.of(400, GET + HEADERS.replace("Host: 127.0.0.1\r\n", "")),
                Arguments.of(400, GET + HEADERS + "Host: elsewhere\r\n"),
                Arguments.of(400, GET + HEADERS.replace("Upgrade: websocket\r\n", "")),
                Arguments.of(400, GET + HEADERS.replace("Upgrade: websocket", "Upgrade: h2c")),
                Arguments.of(400, GET + HEADERS.replace("Connection: Upgrade\r\n", "")),
                Arguments.of(400, GET + HEADERS.replace("Connection: Upgrade", "Connection: close")),
                Arguments.of(400, GET + HEADERS.replace("Sec-WebSocket-Key: " + RawPeer.KEY + "\r\n", "")),
                Arguments.of(400, GET + HEADERS.replace(RawPeer.KEY, "c2hvcnQ=")),
                Arguments.of(400, GET + HEADERS.replace(RawPeer.KEY, RawPeer.KEY + RawPeer.KEY)),
                Arguments.of(400, GET + HEADERS + "Sec-WebSocket-Key: " + RawPeer.KEY + "\r\n"),
                Arguments.of(400, GET + HEADERS + "Content-Length: 5\r\n"),
                Arguments.of(400, GET + HEADERS + "Content-Length: 10737418240\r\n"),
                Arguments.of(400, GET + HEADERS + "Transfer-Encoding: chunked\r\n"),
                Arguments.of(400, GET + HEADERS + "Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n"),
                Arguments.of(400, GET + HEADERS + "Sec-WebSocket-Protocol: a, a\r\n"),
                Arguments.of(400, GET + HEADERS + "Sec-WebSocket-Protocol: a b\r\n"),
                Arguments.of(431, GET + HEADERS + "X-Line: 1\r\n".repeat(64)),
                Arguments.of(431, GET + HEADERS + "X-Long: " + "y".repeat(9_000) + "\r\n"),
                Arguments.of(431, GET + HEADERS + ("X-Long: " + "y".repeat(5_000) + "\r\n").repeat(4)),
                Arguments.of(414, "GET /" + "y".repeat(9_000) + " HTTP/1.1\r\n" + HEADERS),
                Arguments.of(400, "\u0016\u0003\u0001 this is no HTTP\r\n"));
    }

    @DisplayName("HS-04, HS-06, SMG-01, SMG-02: what is no upgrade")
    @ParameterizedTest
    @MethodSource("refusals")
    void turnsAwayWithAStatusAndASentence(int status, String request) throws Exception {
        EverwireServer server = opened.serve(echo);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(request + "\r\n");

            String answer = peer.readAll();
            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status + " ")
                    .containsPattern("(?i)\r\nconnection: .*close\r\n");
            assertThat(answer.substring(answer.indexOf("\r\n\r\n")).strip())
                    .as("the sentence")
                    .hasSizeGreaterThan(10);
        }
        assertThat(server.sessions()).isEmpty();
        RawPeer.open(server.port()).close();
    }

    @Test
    void namesTheVersionItSpeaks() throws Exception {
        try (RawPeer peer = RawPeer.dial(opened.serve(echo).port())) {
            peer.write(GET + HEADERS.replace("Version: 13", "Version: 7") + "\r\n");
            assertThat(peer.readAll()).containsIgnoringCase("Sec-WebSocket-Version: 13");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "upgrade: WebSocket\r\nconnection: keep-alive, UPGRADE\r\n",
                "UPGRADE: websocket\r\nConnection: keep-alive\r\nConnection: Upgrade\r\n",
                "Upgrade: h2c, websocket\r\nConnection:Upgrade\r\n"
            })
    void readsHeadersAsHttpAsksFor(String upgrade) throws Exception {
        try (RawPeer peer = RawPeer.dial(opened.serve(echo).port())) {
            peer.write(GET + HEADERS.replace("Upgrade: websocket\r\nConnection: Upgrade\r\n", upgrade) + "\r\n");
            assertThat(peer.readHead())
                    .startsWith("HTTP/1.1 101 ")
                    .containsIgnoringCase("sec-websocket-accept: " + RawPeer.accept(RawPeer.KEY) + "\r\n")
                    .doesNotContainIgnoringCase("sec-websocket-protocol");
        }
    }

    @DisplayName("SMG-02: a body that looks like frames")
    @Test
    void neverReadsABodyAsFrames() throws Exception {
        try (RawPeer peer = RawPeer.dial(opened.serve(echo).port())) {
            byte[] frames = peer.bytes(Frame.text("smuggled"));
            peer.write(GET + HEADERS + "Content-Length: " + frames.length + "\r\n\r\n");
            peer.write(frames);
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").doesNotContain("smuggled");
        }
    }

    @Test
    void agreesOnTheClientsFirstChoiceAmongWhatThePathSpeaks() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder().listen("/", echo, "v1", "v2"));
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(GET + HEADERS + "Sec-WebSocket-Protocol: v3, v2\r\nSec-WebSocket-Protocol: v1\r\n\r\n");
            assertThat(peer.readHead()).containsIgnoringCase("sec-websocket-protocol: v2\r\n");
        }
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(GET + HEADERS + "Sec-WebSocket-Protocol: V1, v9\r\n\r\n");
            assertThat(peer.readHead())
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContainIgnoringCase("sec-websocket-protocol");
        }
    }

    @Test
    void offersNoExtension() throws Exception {
        try (RawPeer peer = RawPeer.dial(opened.serve(echo).port())) {
            peer.write(GET + HEADERS + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n");
            assertThat(peer.readHead())
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContainIgnoringCase("sec-websocket-extensions");
        }
    }

    @Test
    void turnsAwayWhatIsMoreThanItsMaximumAndTakesTheNextWhenOneLeaves() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).maxConnections(2));
        try (RawPeer first = RawPeer.open(server.port());
                RawPeer second = RawPeer.open(server.port());
                RawPeer third = RawPeer.dial(server.port())) {
            third.write(RawPeer.REQUEST);
            assertThat(third.readAll()).startsWith("HTTP/1.1 503 ").contains("2 connections");
            first.reset();
            Patience.until("one has left", () -> server.sessions().size() == 1);
            second.write(Frame.text("still here"));
            assertThat(second.read(Frame.TEXT).text()).isEqualTo("still here");
        }
        RawPeer.open(server.port()).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HT", GET + "Host: 127.0.0.1\r\nUpgr", GET + HEADERS})
    void hangsUpOnARequestThatIsNotCompleteInTime(String begin) throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withTimeouts(
                        Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofSeconds(30)))
                .listen("/", echo));
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(begin);
            assertThat(peer.readAll()).doesNotContain("101");
        }
    }

    @DisplayName("SMG-04: frames in the segment of the request")
    @Test
    void readsFramesInTheSameSegmentAsTheRequestSplitAtEveryOffset() throws Exception {
        EverwireServer server = opened.serve(echo);
        for (int offset = 1; ; offset++) {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                byte[] head = RawPeer.REQUEST.getBytes(StandardCharsets.US_ASCII);
                byte[] frames = peer.bytes(Frame.text("early"), Frame.ping("?"), Frame.part(false, Frame.TEXT, "la"));
                byte[] all = Arrays.copyOf(head, head.length + frames.length);
                System.arraycopy(frames, 0, all, head.length, frames.length);
                if (offset == all.length) {
                    return;
                }
                peer.write(Arrays.copyOf(all, offset));
                peer.write(Arrays.copyOfRange(all, offset, all.length));
                peer.write(Frame.part(true, Frame.CONTINUATION, "te"));

                assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
                // A pong may overtake a message that still waits in the queue.
                assertThat(List.of(peer.read(), peer.read(), peer.read()))
                        .containsSubsequence(Frame.text("early"), Frame.text("late"))
                        .contains(new Frame(true, Frame.PONG, new byte[] {'?'}));
                peer.reset();
            }
        }
    }

    @Test
    void letsNobodyInAfterItWasClosedThoughTheEventLoopsLiveOn() throws Exception {
        EventLoops loops = opened.add(EventLoops.create(1));
        EverwireServer server =
                opened.serve(EverwireServer.builder().eventLoops(loops).listen("/", echo));
        try (RawPeer peer = RawPeer.dial(server.port());
                RawPeer witness = RawPeer.open(server.port())) {
            peer.write("GET / HT");
            witness.write(Frame.text("accepted after the other one"));
            witness.read(Frame.TEXT);

            server.close();
            Patience.of(server.stopped());
            peer.write("TP/1.1\r\n" + HEADERS + "\r\n");

            assertThat(peer.readAll()).doesNotContain("101");
        } catch (java.net.SocketException e) {
            // Hung up on before the rest of the request was written: just as well.
            assertThat(e).hasMessageContaining("pipe");
        }
    }

    @DisplayName("HS-05: handshakes that are broken off at any byte")
    @Test
    void forgetsHandshakesThatWereAborted() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).maxConnections(1));
        for (int i = 0; i < 500; i++) {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(RawPeer.REQUEST.substring(0, i % RawPeer.REQUEST.length()));
                peer.reset();
            } catch (SocketException e) {
                // Those before it are gone, but the server has not heard so: it was one too many.
                assertThat(e).hasMessageMatching("Connection reset.*|Broken pipe");
            }
        }
        // The last of them may not have been accepted yet, and take the place for a moment when they are.
        Patience.until("a newcomer is served, for the only place is free", () -> {
            try (RawPeer peer = RawPeer.open(server.port())) {
                peer.write(Frame.text("served"));
                return peer.read(Frame.TEXT).text().equals("served");
            } catch (IOException e) {
                return false;
            }
        });
        Patience.until("it is free again", () -> server.connections() == 0);
    }
}
