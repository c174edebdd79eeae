package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Failure;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.client.EverwireClient;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RawServer;
import io.everwire.verification.conversation.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers answer instead of 101, and what it may cost a client. */
class HostileServersTest {
    private static final Duration UPGRADE = Duration.ofMillis(500);

    @AutoClose
    private final Opened opened = new Opened();

    private Session connect(RawServer server, ReconnectPolicy policy) {
        return opened.connect(EverwireClient.to(server.url()).reconnect(policy), new RecordingListener());
    }

    private Failure causeOf(RawServer.Script script) throws Exception {
        RawServer server = opened.add(new RawServer(script));
        return Patience.of(connect(server, ReconnectPolicy.never()).closed()).cause();
    }

    /** Writes what goes before, then a byte every few milliseconds for as long as somebody reads. */
    private static void drip(RawPeer peer, String before, String drop) throws Exception {
        peer.readHead();
        peer.write(before);
        CompletableFuture<Void> end = new CompletableFuture<>();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try {
            clock.scheduleAtFixedRate(
                    () -> {
                        try {
                            peer.write(drop);
                        } catch (java.io.IOException e) {
                            end.complete(null);
                        }
                    },
                    0,
                    20,
                    TimeUnit.MILLISECONDS);
            Patience.of(end);
        } finally {
            clock.shutdownNow();
        }
    }

    @DisplayName("CLI-01: an answer that drips in and never ends")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 1",
                "HTTP/1.1 101 Switching Protocols\r\nX-Slow: ",
                "HTTP/1.1 101 X\r\nUpgrade: web"
            })
    void givesUpOnAnAnswerThatDripsInAtOneDeadlineForAll(String before) throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> drip(peer, before, "y")));
        Session session = connect(server, ReconnectPolicy.never().withTimeouts(UPGRADE, Duration.ofSeconds(1)));

        Failure cause = Patience.of(session.closed()).cause();
        assertThat(cause.kind()).isEqualTo(Failure.Kind.UPGRADE_TIMEOUT);
        assertThat(cause.message()).contains("500 ms");
    }

    @DisplayName("CLI-01: many servers that drip, one client")
    @Test
    void givesUpOnManyServersThatDripAtOnce() throws Exception {
        RawServer server = opened.add(
                new RawServer((peer, number) -> drip(peer, "HTTP/1.1 101 Switching Protocols\r\nX-Slow: ", "y")));
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sessions.add(connect(server, ReconnectPolicy.never().withTimeouts(UPGRADE, Duration.ofSeconds(1))));
        }
        for (Session session : sessions) {
            // A budget of dials for one host may hold some back; no attempt lasts longer than its deadline.
            assertThat(Patience.of(session.closed()).cause().kind())
                    .isIn(Failure.Kind.UPGRADE_TIMEOUT, Failure.Kind.CONNECT_TIMEOUT);
        }
    }

    @DisplayName("CLI-01: a page without end instead of 101")
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10737418240", "Transfer-Encoding: chunked", "Content-Type: text/html"})
    void hangsUpOnAPageWithoutReadingIt(String header) throws Exception {
        AtomicLong written = new AtomicLong();
        Failure cause = causeOf((peer, number) -> {
            peer.readHead();
            peer.write("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n");
            String page = "<html>" + "<p>".repeat(10_000);
            while (true) {
                peer.write(page);
                written.addAndGet(page.length());
            }
        });

        assertThat(cause.kind()).isEqualTo(Failure.Kind.HTTP_STATUS);
        assertThat(cause.httpStatus()).isEqualTo(200);
        // The kernel's buffers on both sides, and no more.
        assertThat(written.get()).isLessThan(64 << 20);
    }

    @DisplayName("CLI-01: an answer of ten thousand header lines, or one line without end")
    @ParameterizedTest
    @ValueSource(strings = {"X-More: and more\r\n", "y", "\r", "\u0000", "X-Folded: a\r\n b\r\n", " "})
    void givesUpOnAnAnswerWithoutEnd(String more) throws Exception {
        Failure cause = causeOf((peer, number) -> {
            peer.readHead();
            peer.write("HTTP/1.1 101 Switching Protocols\r\nX-Long: ");
            String lines = more.repeat(1_000);
            while (true) {
                peer.write(lines);
            }
        });

        assertThat(cause.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
    }

    @DisplayName("SMG-03: only 101, and only with the right proof")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK",
                "HTTP/1.1 100 Continue",
                "HTTP/1.1 1010 Switching Protocols",
                "HTTP/1.1 0101 Switching Protocols",
                "HTTP/1.1 +101 Switching Protocols",
                "HTTP/1.1 -101 Switching Protocols",
                "HTTP/1.1 10 1 Switching Protocols",
                "HTTP/1.1 101.0 Switching Protocols",
                "http/1.1 101 Switching Protocols",
                "HTTP/11 101 Switching Protocols",
                "ICY 101 Switching Protocols",
                "101 Switching Protocols",
                "HTTP/1.1 426 Upgrade Required",
                "HTTP/1.1 099 What",
                "HTTP/1.1 2147483749 Overflow",
                "HTTP/1.1 4294967397 Overflow"
            })
    void opensNothingOnAnotherStatusWithTheRightProof(String statusLine) throws Exception {
        Failure cause = causeOf((peer, number) -> {
            String answer = RawPeer.answerTo(peer.readHead());
            peer.write(statusLine + answer.substring(answer.indexOf("\r\n")) + "\r\n");
            peer.write(Frame.text("never delivered"));
            peer.readAll();
        });

        assertThat(cause.kind()).isIn(Failure.Kind.BAD_HANDSHAKE, Failure.Kind.HTTP_STATUS);
    }

    @DisplayName("SMG-03: a proof that is almost right")
    @ParameterizedTest
    @ValueSource(strings = {"lower", "twice", "listed", "padded", "of another key", "of the key alone"})
    void opensNothingOnAProofThatIsAlmostRight(String how) throws Exception {
        Failure cause = causeOf((peer, number) -> {
            String request = peer.readHead();
            String answer = RawPeer.answerTo(request);
            String line = "Sec-WebSocket-Accept: ";
            int at = answer.indexOf(line) + line.length();
            String proof = answer.substring(at, answer.indexOf('\r', at));
            String wrong = switch (how) {
                case "lower" -> proof.toLowerCase(java.util.Locale.ROOT);
                case "twice" -> proof + "\r\n" + line + proof;
                case "listed" -> proof + ", " + proof;
                case "padded" -> proof + "=";
                case "of another key" -> RawPeer.accept(RawPeer.KEY);
                default -> RawPeer.accept("");
            };
            peer.write(answer.replace(line + proof, line + wrong) + "\r\n");
            peer.readAll();
        });

        assertThat(cause.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
        assertThat(cause.message()).contains("Sec-WebSocket-Accept");
    }
}
