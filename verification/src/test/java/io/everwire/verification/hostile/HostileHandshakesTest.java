package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Leaks;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients send instead of an upgrade, and what it may cost a server. */
@Isolated("counts what the process holds")
class HostileHandshakesTest {
    private static final String GET = "GET / HTTP/1.1\r\n";

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    private static String answerTo(EverwireServer server, String request) throws IOException {
        try (RawPeer peer = RawPeer.dial(server.port())) {
            Victim.begin(hostile -> hostile.write(request), peer);
            return peer.readAll();
        }
    }

    @DisplayName("HS-01: from no header to ten thousand")
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 59, 60, 64, 65, 128, 1_000, 10_000})
    void countsHeadersBeforeItReadsOn(int more) throws Exception {
        EverwireServer server = opened.serve(echo);
        int all = RawPeer.HEADERS.split("\r\n", -1).length - 1 + more;
        try (RawPeer peer = RawPeer.dial(server.port())) {
            Victim.begin(hostile -> hostile.write(GET + RawPeer.HEADERS + "X-More: 1\r\n".repeat(more) + "\r\n"), peer);
            assertThat(peer.readHead())
                    .startsWith("HTTP/1.1 " + (all <= Limits.DEFAULT.headerLines() ? "101 " : "431 "));
        }
        Victim.assertServes(server);
    }

    @DisplayName("HS-03: a long header, a byte in each segment")
    @Test
    void readsAHeaderThatDripsInWithoutBeginningAnew() throws Exception {
        EverwireServer server = opened.serve(echo);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            long before = Cost.loopNanos();
            Victim.begin(
                    hostile -> {
                        byte[] endless = (GET + "X-Long: " + "y".repeat(64 << 10)).getBytes(StandardCharsets.US_ASCII);
                        for (byte next : endless) {
                            hostile.write(new byte[] {next});
                        }
                    },
                    peer);
            assertThat(peer.readAll()).startsWith("HTTP/1.1 431 ");
            // Reading from the beginning for each byte would look at two thousand million of them.
            assertThat(TimeUnit.NANOSECONDS.toMillis(Cost.loopNanos() - before)).isLessThan(4_000);
        }
        Victim.assertServes(server);
    }

    @DisplayName("HS-04, SMG-02: an upgrade with a body, however it is announced")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 10737418240",
                "Content-Length: 5\r\nContent-Length: 5",
                "Content-Length: 0\r\nContent-Length: 5",
                "Content-Length: +5",
                "Content-Length: 99999999999999999999",
                "Content-Length: 5, 5",
                "Content-Length:\t5",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: Chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: x, chunked",
                "Transfer-Encoding:\r\n chunked",
                "Transfer-Encoding : chunked",
                "Content-Length: 0\r\nTransfer-Encoding: chunked"
            })
    void refusesABodyAtOnceAndReadsNoneOfItAsFrames(String body) throws Exception {
        EverwireServer server = opened.serve(echo);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(GET + RawPeer.HEADERS + body + "\r\n\r\n");
            Victim.begin(
                    hostile -> {
                        byte[] frame = hostile.bytes(Frame.text("smuggled"));
                        for (int i = 0; i < 10_000; i++) {
                            hostile.write(frame);
                        }
                    },
                    peer);
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").doesNotContain("smuggled");
        }
        assertThat(echo.messageCount()).isZero();
        Victim.assertServes(server);
    }

    @DisplayName("HS-05: handshakes that are broken off or malformed")
    @Test
    void forgetsHandshakesThatWereBrokenOff() throws Exception {
        breakOff(600);
    }

    @DisplayName("HS-05: a hundred thousand handshakes that are broken off or malformed")
    @Tag("full")
    @Test
    void forgetsAHundredThousandHandshakesThatWereBrokenOff() throws Exception {
        breakOff(100_000);
    }

    private void breakOff(int times) throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).maxConnections(1));
        String[] begins = {
            "",
            "GET / HT",
            GET + "Host: h\r\nUpgr",
            RawPeer.REQUEST.replace(RawPeer.KEY, "c2hvcnQ="),
            RawPeer.REQUEST.replace(RawPeer.KEY, RawPeer.KEY.repeat(20)),
            RawPeer.REQUEST.replace("Sec-WebSocket-Key", "X"),
            RawPeer.REQUEST.replace("\r\nSec", "\r\nSec-WebSocket-Key: " + RawPeer.KEY + "\r\nSec"),
            RawPeer.REQUEST
        };
        begin(server, begins, 200);
        long before = Cost.heldBytes();
        begin(server, begins, times);
        Patience.until("the only place is free", () -> server.sessions().isEmpty());
        // Half a kilobyte for each would be a leak; the rest is what a JVM does meanwhile.
        Patience.until("what was held is let go", () -> Cost.heldBytes() - before < (8L << 20) + times * 100L);
        Leaks.assertNoneAfterCollection();
        Victim.assertServes(server);
    }

    private static void begin(EverwireServer server, String[] begins, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(begins[i % begins.length]);
                peer.reset();
            }
        }
    }

    @DisplayName("HS-06: upgrades to something else")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "h2c",
                "TLS/1.0",
                "websocket2",
                "web socket",
                "websocket/13",
                "\"websocket\"",
                "websocket;q=1",
                "h2c, IRC/6.9",
                "webs\u00f6cket"
            })
    void refusesOtherUpgradesAndHangsUp(String upgrade) throws Exception {
        EverwireServer server = opened.serve(echo);
        String answer = answerTo(server, RawPeer.REQUEST.replace("Upgrade: websocket", "Upgrade: " + upgrade));
        assertThat(answer).startsWith("HTTP/1.1 400 ").containsIgnoringCase("connection: close");
        Victim.assertServes(server);
    }

    @DisplayName("SMG-01: another version, or none, never opens a connection")
    @ParameterizedTest
    @ValueSource(strings = {"0", "7", "8", "12", "14", "013", "1 3", "13, 13", "+13", "13;8", "255", "", "\t"})
    void answersOtherVersionsWith426(String version) throws Exception {
        EverwireServer server = opened.serve(echo);
        String answer = answerTo(server, RawPeer.REQUEST.replace("Version: 13", "Version: " + version));
        assertThat(answer)
                .startsWith("HTTP/1.1 426 ")
                .containsIgnoringCase("sec-websocket-version: 13\r\n")
                .containsIgnoringCase("connection: upgrade, close\r\n");
        Victim.assertServes(server);
    }

    @DisplayName("SMG-01: requests that two readers could read in two ways")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\nHost: h\n",
                "GET / http/1.1\r\n",
                "GET / RTSP/1.1\r\n",
                "GET / HTTP/1.10\r\n",
                "GET / HTTP/1.1\r\nUpgrade : websocket\r\n",
                "GET / HTTP/1.1\r\n Upgrade: websocket\r\n",
                "GET / HTTP/1.1\r\nHost\r\n",
                "GET / HTTP/1.1\r\nX: a\u0000b\r\n",
                "GET / HTTP/1.1\r\nX: a\rb\r\n",
                "GET / HTTP/1.1\r\nX\u0000: a\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
                "GET / HTTP/1.0\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n"
            })
    void refusesRequestsThatAreNotExactlyHttp(String begin) throws Exception {
        EverwireServer server = opened.serve(echo);
        assertThat(answerTo(server, begin + RawPeer.HEADERS + "\r\n")).startsWith("HTTP/1.1 40");
        assertThat(server.sessions()).isEmpty();
        Victim.assertServes(server);
    }

    @DisplayName("HS-07: many requests that never end do not keep others out")
    @Test
    void letsOthersInWhileManyHandshakesStall() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withTimeouts(
                        Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofSeconds(30)))
                .listen("/", echo));
        String[] begins = {"", "GET / HT", GET + "Host: h\r\nUpgr", GET + RawPeer.HEADERS};
        for (int i = 0; i < 400; i++) {
            RawPeer peer = opened.add(RawPeer.dial(server.port()));
            peer.write(begins[i % begins.length]);
            if (i % 100 == 0) {
                Victim.assertServes(server);
            }
        }
        Victim.assertServes(server);
    }

    @DisplayName("HS-05: requests that are not complete when the server stops")
    @Test
    void leavesNothingOfARequestBehindThatWasNotCompleteWhenItStopped() throws Exception {
        int descriptors = Cost.descriptors();
        for (int round = 0; round < 4; round++) {
            EverwireServer server = opened.serve(echo);
            List<RawPeer> peers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                RawPeer peer = RawPeer.dial(server.port());
                peers.add(peer);
                peer.write(RawPeer.REQUEST.substring(0, i));
            }
            Victim.assertServes(server);
            server.close();
            Patience.of(server.stopped());
            for (RawPeer peer : peers) {
                peer.close();
            }
        }
        Patience.until("no descriptor is left", () -> Cost.descriptors() <= descriptors);
        Leaks.assertNoneAfterCollection();
    }
}
