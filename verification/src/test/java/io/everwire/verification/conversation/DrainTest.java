package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.server.Authentication;
import io.everwire.server.EverwireServer;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A server that stops without harm to its clients. */
class DrainTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    private static String newcomer(EverwireServer server) throws IOException {
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(RawPeer.REQUEST);
            return peer.readAll();
        }
    }

    private static String health(EverwireServer server) throws IOException {
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            return peer.readAll();
        }
    }

    @Test
    void sendsNewcomersAwayUntilAfterTheWindow() throws Exception {
        EverwireServer server = opened.serve(echo);
        try (RawPeer open = RawPeer.open(server.port())) {
            server.drain(LONG);

            List<Integer> seconds = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String answer = newcomer(server);
                assertThat(answer).startsWith("HTTP/1.1 503 ").contains("the server restarts");
                Matcher after =
                        Pattern.compile("(?i)\r\nretry-after: (\\d+)\r\n").matcher(answer);
                assertThat(after.find()).isTrue();
                seconds.add(Integer.valueOf(after.group(1)));
            }
            assertThat(seconds).allMatch(second -> second > 500 && second < 1_300);
            assertThat(seconds.stream().distinct().count())
                    .as("not all at once")
                    .isGreaterThan(3);
            assertThat(health(server)).startsWith("HTTP/1.1 503 ").endsWith("draining\n");
            open.write(Frame.text("still served"));
            assertThat(open.read(Frame.TEXT).text()).isEqualTo("still served");
        }
    }

    @Test
    void closesEverySessionForARestartAndThenStops() throws Exception {
        EverwireServer server = opened.serve(echo);
        List<RawPeer> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            peers.add(opened.add(RawPeer.open(server.port())));
        }
        CompletionStage<Void> drained = server.drain(Duration.ofMillis(500));
        for (RawPeer peer : peers) {
            Frame close = peer.read(Frame.CLOSE);
            assertThat(close.closeCode()).isEqualTo(1012);
            peer.write(Frame.close(1012, ""));
            assertThat(peer.readOrEnd()).isNull();
        }
        Patience.of(drained);
        assertThatThrownBy(() -> RawPeer.dial(server.port())).isInstanceOf(ConnectException.class);
    }

    @Test
    void spreadsTheClosesOverTheWindow() throws Exception {
        EverwireServer server = opened.serve(echo);
        for (int i = 0; i < 50; i++) {
            opened.add(RawPeer.open(server.port()));
        }
        Patience.until("all are open", () -> server.sessions().size() == 50);
        // Of so long a window only the beginning is seen: nobody is closed at once.
        server.drain(LONG);
        newcomer(server);
        assertThat(server.sessions()).hasSizeGreaterThan(40);
    }

    @Test
    void flushesWhatIsQueued() throws Exception {
        RecordingListener listener = new RecordingListener();
        EverwireServer server = opened.serve(listener);
        try (RawPeer peer = RawPeer.open(server.port())) {
            listener.await(SessionEvent.Ready.class);
            Session session = listener.session();
            for (int i = 0; i < 10; i++) {
                session.trySend(Message.binary(new byte[50_000]));
            }
            server.drain(Duration.ofMillis(1));
            int bytes = 0;
            for (Frame frame = peer.read(); frame.opcode() != Frame.CLOSE; frame = peer.read()) {
                bytes += frame.opcode() == Frame.PING ? 0 : frame.payload().length;
            }
            assertThat(bytes).isEqualTo(500_000);
        }
    }

    @Test
    void endsAtOnceWhenClosed() throws Exception {
        EverwireServer server = opened.serve(echo);
        try (RawPeer peer = RawPeer.open(server.port())) {
            CompletionStage<Void> drained = server.drain(LONG);
            server.close();
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(1001);
            peer.write(Frame.close(1001, ""));
            Patience.of(drained);
        }
    }

    @Test
    void endsAtOnceWithoutSessions() {
        Patience.of(opened.serve(echo).drain(LONG));
    }

    @Test
    void closesWhoIsLetInMeanwhile() throws Exception {
        CompletableFuture<Authentication> decision = new CompletableFuture<>();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).authenticate(handshake -> {
                    if (handshake.query().isEmpty()) {
                        return Authentication.granted(null).now();
                    }
                    asked.complete(null);
                    return decision;
                }));
        try (RawPeer open = RawPeer.open(server.port());
                RawPeer late = RawPeer.dial(server.port())) {
            late.write(RawPeer.REQUEST.replace("GET /", "GET /?late"));
            Patience.of(asked);
            server.drain(LONG);
            decision.complete(Authentication.granted(null));
            assertThat(late.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(late.read(Frame.CLOSE).closeCode()).isEqualTo(1012);
            open.reset();
        }
    }

    @Test
    void changesNothingTheSecondTime() throws Exception {
        EverwireServer server = opened.serve(echo);
        try (RawPeer peer = RawPeer.open(server.port())) {
            server.drain(LONG);
            server.drain(Duration.ZERO);
            peer.write(Frame.text("still here"));
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo("still here");
        }
        assertThatThrownBy(() -> server.drain(Duration.ofSeconds(-1))).hasMessageContaining("is negative");
    }

    @Test
    void doesNotBeginWhatItCannotReckonWith() throws Exception {
        EverwireServer server = opened.serve(echo);
        assertThatThrownBy(() -> server.drain(ChronoUnit.FOREVER.getDuration()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longer than a year");
        try (RawPeer peer = RawPeer.open(server.port())) {
            peer.write(Frame.text("still let in"));
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo("still let in");
        }
    }
}
