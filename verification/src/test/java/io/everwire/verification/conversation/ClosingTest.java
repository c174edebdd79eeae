package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Delivery;
import io.everwire.Failure;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionState;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455 §7: how connections end, by either end, in order or in pieces. */
class ClosingTest {
    private static final Limits HASTY =
            Limits.DEFAULT.withTimeouts(Duration.ofSeconds(10), Duration.ofMillis(200), Duration.ofSeconds(30));

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();
    private final RecordingListener client = new RecordingListener();

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1011, 3000, 4999})
    void carriesTheClientsCloseStatusToTheServer(int code) {
        Session session = opened.connect(opened.serve(echo), client);
        client.await(SessionEvent.Ready.class);

        session.close(new CloseStatus(code, "grüße"));

        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(closed.isClean()).isTrue();
        assertThat(closed.status()).isEqualTo(new CloseStatus(code, "grüße"));
        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.CLOSED_BY_US);
        SessionEvent.Closed seen = echo.await(SessionEvent.Closed.class);
        assertThat(seen.status()).isEqualTo(new CloseStatus(code, "grüße"));
        assertThat(seen.cause().kind()).isEqualTo(Failure.Kind.CLOSED_BY_PEER);
        assertThat(seen.isClean()).isTrue();
    }

    @Test
    void carriesTheServersCloseStatusToTheClientAndEndsItWhenItIsFinal() {
        Session session = opened.connect(opened.serve(echo), client);
        echo.session().close(new CloseStatus(1000, "done"));

        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(closed.status()).isEqualTo(new CloseStatus(1000, "done"));
        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.CLOSED_BY_PEER);
        assertThat(closed.isClean()).isTrue();
        assertThat(Patience.of(echo.session().closed()).isClean()).isTrue();
    }

    @Test
    void comesBackWhenTheServersCloseStatusIsNotFinal() {
        Session session = opened.connect(opened.serve(echo), client);
        echo.session().close(new CloseStatus(4001, "rebalancing"));

        client.await(SessionEvent.Reconnected.class);
        assertThat(session.state()).isEqualTo(SessionState.OPEN);
        assertThat(client.await(SessionEvent.Lost.class).cause().closeStatus())
                .isEqualTo(new CloseStatus(4001, "rebalancing"));
    }

    static Stream<Arguments> closeFrames() {
        return Stream.of(
                Arguments.of(1000, Frame.close(1000, "")),
                Arguments.of(3999, Frame.close(3999, "bye")),
                Arguments.of(1005, new Frame(true, Frame.CLOSE, new byte[0])),
                Arguments.of(1002, new Frame(true, Frame.CLOSE, new byte[1])),
                Arguments.of(1002, Frame.close(999, "")),
                Arguments.of(1002, Frame.close(1005, "")),
                Arguments.of(1002, Frame.close(1006, "")),
                Arguments.of(1002, Frame.close(1015, "")),
                Arguments.of(1002, Frame.close(2999, "")),
                Arguments.of(1002, Frame.close(5000, "")),
                Arguments.of(1007, new Frame(true, Frame.CLOSE, new byte[] {3, (byte) 232, (byte) 0xff})));
    }

    @ParameterizedTest
    @MethodSource("closeFrames")
    void answersACloseFrameWithItsCodeOrSaysWhatIsWrongWithIt(int code, Frame close) throws Exception {
        try (RawPeer peer = RawPeer.open(opened.serve(echo).port())) {
            peer.write(close);

            assertThat(peer.read().closeCode()).isEqualTo(code);
            assertThat(peer.readOrEnd()).as("the server ends the stream first").isNull();
        }
        SessionEvent.Closed closed = echo.await(SessionEvent.Closed.class);
        assertThat(closed.status().code()).isEqualTo(code);
    }

    @Test
    void answersACloseFrameBetweenTheFragmentsOfAMessage() throws Exception {
        try (RawPeer peer = RawPeer.open(opened.serve(echo).port())) {
            peer.write(
                    Frame.part(false, Frame.TEXT, "never"), Frame.ping("still there?"), Frame.close(1001, "leaving"));

            assertThat(peer.read().opcode()).isEqualTo(Frame.PONG);
            assertThat(peer.read()).isEqualTo(Frame.close(1001, "leaving"));
            assertThat(peer.readOrEnd()).isNull();
        }
        echo.await(SessionEvent.Closed.class);
    }

    @Test
    void ignoresWhatFollowsACloseFrame() throws Exception {
        RecordingListener server = new RecordingListener();
        try (RawPeer peer = RawPeer.open(opened.serve(server).port())) {
            peer.write(Frame.close(1000, ""), Frame.text("after"), Frame.ping("after"));
            assertThat(peer.read()).isEqualTo(Frame.close(1000, ""));
            assertThat(peer.readOrEnd()).isNull();
        }
        server.await(SessionEvent.Closed.class);
        assertThat(server.texts()).isEmpty();
    }

    @Test
    void answersEverythingValidBeforeItFailsTheConnection() throws Exception {
        try (RawPeer peer = RawPeer.open(opened.serve(echo).port())) {
            Frame reserved = new Frame(true, 3, new byte[0]);
            peer.write(Frame.text("one"), Frame.text("two"), Frame.ping("three"), reserved, Frame.text("never"));

            assertThat(peer.read()).isEqualTo(Frame.text("one"));
            assertThat(peer.read()).isEqualTo(Frame.text("two"));
            assertThat(peer.read().opcode()).isEqualTo(Frame.PONG);
            Frame close = peer.read();
            assertThat(close.closeCode()).isEqualTo(CloseCode.PROTOCOL_ERROR);
            assertThat(close.closeReason()).isNotEmpty();
            assertThat(peer.readOrEnd()).isNull();
        }
        assertThat(echo.await(SessionEvent.Closed.class).cause().kind()).isEqualTo(Failure.Kind.PROTOCOL);
    }

    @Test
    void failsWithTooLargeBeforeItHasReadWhatIsTooLarge() throws Exception {
        try (RawPeer peer = RawPeer.open(opened.serve(echo).port())) {
            // The header alone: 2^62 bytes are promised and none follows.
            peer.write(new byte[] {(byte) 0x82, (byte) 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4});
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(CloseCode.TOO_LARGE);
        }
    }

    @DisplayName("CLS-01: a client that ignores the close frame")
    @Test
    void givesUpWaitingForACloseFrameThatNeverComes() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().limits(HASTY).listen("/", echo));
        try (RawPeer peer = RawPeer.open(server.port())) {
            echo.await(SessionEvent.Ready.class);
            echo.session().close(new CloseStatus(1001, "going"));

            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(1001);
            assertThat(peer.readOrEnd()).isNull();
            SessionEvent.Closed closed = echo.await(SessionEvent.Closed.class);
            assertThat(closed.isClean()).isFalse();
            assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.CLOSED_BY_US);
        }
        assertThat(server.sessions()).isEmpty();
    }

    @DisplayName("CLS-01: a server that ignores the close frame")
    @Test
    void givesUpWaitingAsAClientToo() throws Exception {
        CompletableFuture<Frame> close = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            close.complete(peer.read(Frame.CLOSE));
            peer.readAll();
        }));
        Session session = opened.connect(EverwireClient.to(server.url()).limits(HASTY), client);
        client.await(SessionEvent.Ready.class);
        session.close();

        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(Patience.of(close).closeCode()).isEqualTo(1000);
        assertThat(closed.isClean()).isFalse();
        assertThat(closed.status().code()).isEqualTo(1000);
    }

    @DisplayName("CLS-01, BP-02: a close that cannot be written")
    @Test
    void closesThoughThePeerNeverReadsWhatIsQueued() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().limits(HASTY).listen("/", echo));
        try (RawPeer peer = RawPeer.dial(server.port(), 1_024)) {
            peer.write(RawPeer.REQUEST);
            echo.await(SessionEvent.Ready.class);
            Message large = Message.binary(new byte[100_000]);
            while (echo.session().trySend(large)) {
                assertThat(echo.session().state()).isEqualTo(SessionState.OPEN);
            }
            echo.session().close();
            assertThat(echo.await(SessionEvent.Closed.class).isClean()).isFalse();
        }
        assertThat(echo.session().queuedBytes()).isZero();
    }

    @Test
    void closesInOrderWhenBothEndsCloseAtOnce() throws Exception {
        CompletableFuture<Frame> answer = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            Frame close = peer.read(Frame.CLOSE);
            // Our own close crosses the client's: it is no answer.
            peer.write(Frame.close(4000, "at the same time"));
            answer.complete(close);
        }));
        Session session = opened.connect(EverwireClient.to(server.url()), client);
        client.await(SessionEvent.Ready.class);
        session.close(new CloseStatus(4001, "ours"));

        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(Patience.of(answer)).isEqualTo(Frame.close(4001, "ours"));
        assertThat(closed.isClean()).isTrue();
        assertThat(client.all(SessionEvent.Waiting.class)).isEmpty();
    }

    @Test
    void tellsEverySessionThatTheServerGoesAway() throws Exception {
        EverwireServer server = opened.serve(echo);
        try (RawPeer first = RawPeer.open(server.port());
                RawPeer second = RawPeer.open(server.port())) {
            server.close();
            for (RawPeer peer : new RawPeer[] {first, second}) {
                assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(CloseCode.GOING_AWAY);
                peer.write(Frame.close(CloseCode.GOING_AWAY, ""));
                assertThat(peer.readOrEnd()).isNull();
            }
        }
        Patience.of(server.stopped());
        assertThat(server.sessions()).isEmpty();
        assertThatThrownBy(() -> RawPeer.open(server.port())).isInstanceOf(Exception.class);
    }

    @Test
    void closesInEveryStateAndOnlyOnce() {
        Session waiting =
                opened.connect(EverwireClient.to("ws://127.0.0.1:1/").reconnect(ReconnectPolicy.DEFAULT), client);
        client.await(SessionEvent.Waiting.class);
        Session pending = opened.connect(new PendingRequest().client(), new RecordingListener());
        Session open = opened.connect(opened.serve(echo), new RecordingListener());
        for (Session session : new Session[] {waiting, pending, open}) {
            session.close(new CloseStatus(4000, "first"));
            session.close(new CloseStatus(4001, "second"));
            session.close();
            assertThat(Patience.of(session.closed()).status().code()).isNotEqualTo(4001);
            session.close();
            session.pause();
            session.resume();
            session.reconnectNow();
            assertThat(session.state()).isEqualTo(SessionState.CLOSED);
        }
        assertThat(client.events()).last().isInstanceOf(SessionEvent.Closed.class);
        assertThat(client.all(SessionEvent.Closed.class)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1004, 1005, 1006, 1015, 2000})
    void sendsNoCodeThatMayNotBeSent(int code) {
        Session session = opened.connect(new PendingRequest().client(), client);

        assertThatThrownBy(() -> session.close(new CloseStatus(code, "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(code));
    }

    @Test
    void neverThrowsAfterTheServersEventLoopsHaveEnded() {
        EverwireServer server = opened.serve(echo);
        opened.connect(server, client);
        Session session = echo.session();
        server.close();
        Patience.of(server.stopped());

        session.close();
        session.pause();
        session.resume();
        session.reconnectNow();
        assertThat(Patience.of(session.send("late")).isConfirmed()).isFalse();
        assertThat(session.trySend(Message.text("late"))).isFalse();
    }

    @Test
    void takesNothingAfterTheEndOfASessionThatHadSentNothing() throws Exception {
        EverwireServer server = opened.serve(echo);
        RawPeer.open(server.port()).close();
        echo.await(SessionEvent.Closed.class);
        Session session = echo.session();

        assertThat(session.trySend(Message.text("late"))).isFalse();
        assertThat(Patience.of(session.send("late"))).isEqualTo(Delivery.notSent("the session is closed"));
        assertThat(session.rejectedSends()).isEqualTo(2);
        assertThat(session.queuedBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsASessionThatIsStartedOnClosedEventLoops(boolean isTerminated) {
        EventLoops loops = EventLoops.create(1);
        loops.close();
        if (isTerminated) {
            Patience.of(loops.terminated());
        }
        RecordingListener client = new RecordingListener();
        Session session = opened.connect(
                EverwireClient.to(Opened.url(opened.serve(echo).port())).eventLoops(loops), client);

        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.CLOSED_BY_US);
        assertThat(closed.cause().message()).contains("event loops");
        assertThat(session.state()).isEqualTo(SessionState.CLOSED);
        assertThat(Patience.of(session.send("late")).outcome()).isEqualTo(Delivery.Outcome.NOT_SENT);
        assertThat(client.all(SessionEvent.Closed.class)).containsExactly(closed);
    }

    @DisplayName("TCP-01: FIN or RST of a client at every byte of a conversation")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWhenThePeerCutsTheStreamAtAnyByte(boolean isReset) throws Exception {
        EverwireServer server = opened.serve(echo);
        byte[] script;
        try (RawPeer peer = RawPeer.open(server.port())) {
            script = peer.bytes(
                    Frame.part(false, Frame.TEXT, "ab"),
                    Frame.ping("x"),
                    Frame.part(true, Frame.CONTINUATION, "cd"),
                    Frame.close(1000, "e"));
        }
        for (int length = 0; length < script.length; length++) {
            try (RawPeer peer = RawPeer.open(server.port())) {
                peer.write(java.util.Arrays.copyOf(script, length));
                if (isReset) {
                    peer.reset();
                } else {
                    peer.shutdownOutput();
                    peer.readAll();
                }
            }
        }
        Patience.until("every session has ended", () -> server.sessions().isEmpty());
        assertThat(echo.await(SessionEvent.Closed.class, script.length)).hasSizeGreaterThanOrEqualTo(script.length);
    }
}
