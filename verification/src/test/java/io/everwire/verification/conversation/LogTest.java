package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.server.Authentication;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ServerTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LOG-01: what a server logs, and what it never does, at any level, also by the libraries beneath. */
class LogTest {
    private static final String CANARY = "c4n4ry";
    private static final String SECRETS = String.join(
            "\r\n",
            "Authorization: Bearer " + CANARY,
            "Cookie: session=" + CANARY,
            "X-Forwarded-For: " + CANARY,
            "User-Agent: " + CANARY,
            "Sec-WebSocket-Protocol: " + CANARY,
            "");

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    @Test
    void tellsOfEachStepInOneLine() throws Exception {
        try (Logged log = Logged.listen()) {
            EverwireServer server = opened.serve(echo);
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write("GET /else%0awhere\u001b[31m HTTP/1.1\r\n" + RawPeer.HEADERS + "\r\n");
                peer.readAll();
            }
            try (RawPeer peer = RawPeer.open(server.port())) {
                server.drain(Duration.ofMillis(1));
                peer.read(Frame.CLOSE);
            }
            Patience.of(server.stopped());
            // A server of the test before may say only now that it has stopped.
            assertThat(new LinkedHashSet<>(log.ours()))
                    .filteredOn(line -> line.startsWith("INFO") || line.startsWith("WARN"))
                    .hasSize(5)
                    .anyMatch(line -> line.contains("listening on "))
                    .anyMatch(line -> line.contains("turned away /127.0.0.1:")
                            && line.contains("at /else%0awhere?[31m: 404, nothing is served on this path"))
                    .anyMatch(line -> line.contains("draining 1 sessions over PT0.001S"))
                    .anyMatch(line -> line.contains("stopping with 0 sessions"))
                    .anyMatch(line -> line.endsWith("stopped"))
                    .allMatch(line -> line.chars().noneMatch(Character::isISOControl));
        }
    }

    @Test
    @DisplayName("LOG-01: hostile lines in a log")
    void tellsOfAFloodInAFewLines() throws Exception {
        EverwireServer server = opened.serve(echo);
        try (Logged log = Logged.listen()) {
            for (int i = 0; i < 300; i++) {
                try (RawPeer peer = RawPeer.dial(server.port())) {
                    peer.write("NONSENSE\r\n\r\n");
                    peer.readAll();
                }
            }
            assertThat(log.ours())
                    .filteredOn(line -> line.contains("turned away"))
                    .hasSizeBetween(10, 150);
        }
    }

    /** The request in ways that are refused, each for another reason. */
    private static List<String> spoiled(String good) {
        return List.of(
                good.replace("GET", "POST"),
                "\u0016\u0016" + good,
                good.replace("/?", "/elsewhere?"),
                good.replace("/?", "/?throw"),
                good.replace("Upgrade: websocket", "Upgrade: " + CANARY),
                good.replace("Connection: Upgrade", "Connection: " + CANARY),
                good.replace(RawPeer.KEY, CANARY),
                good.replace("Protocol: ", "Protocol: " + CANARY + ", "),
                good.replace("Authorization", "Origin: http://" + CANARY + ".example\r\nAuthorization"),
                good.replace("Cookie: ", "Cookie: " + CANARY.repeat(2_000)),
                good.replace("HTTP/1.1", CANARY),
                CANARY + "\r\n\r\n",
                CANARY + ": " + CANARY + "\r\n\r\n");
    }

    @Test
    @DisplayName("LOG-01: secrets in a log")
    void neverHoldsASecretOrAPayload(@TempDir Path directory) throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.write("server", certificates.sign(certificates.server("server")));
        try (Logged log = Logged.listen()) {
            EventLoops loops = opened.add(EventLoops.create(1));
            EverwireServer server = opened.serve(EverwireServer.builder()
                    .eventLoops(loops)
                    .bind("127.0.0.1", 0)
                    .bind(
                            "127.0.0.1",
                            0,
                            ServerTls.of(certificates.path("server.pem"), certificates.path("server.key")))
                    .trustedProxies("127.0.0.1")
                    .authenticate(handshake -> {
                        if (handshake.query().contains("throw")) {
                            throw new IllegalArgumentException("the token " + handshake.header("authorization"));
                        }
                        return Authentication.granted(() -> CANARY).now();
                    })
                    .listen("/", echo));
            String good = "GET /?token=" + CANARY + " HTTP/1.1\r\n" + RawPeer.HEADERS + SECRETS + "\r\n";
            for (String bad : spoiled(good)) {
                for (int port :
                        new int[] {server.port(), server.addresses().get(1).getPort()}) {
                    try (RawPeer peer = RawPeer.dial(port)) {
                        peer.write(bad);
                        peer.readAll();
                    }
                }
            }
            try (RawPeer peer = Certificates.open(Certificates.dial(
                    certificates.client(null), server.addresses().get(1).getPort()))) {
                peer.write(Frame.text(CANARY), Frame.ping(CANARY));
                peer.read(Frame.TEXT);
                peer.write(new Frame(true, 3, CANARY.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
                peer.read(Frame.CLOSE);
            }
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(good);
                peer.readHead();
                peer.write(Frame.text(CANARY));
                peer.read(Frame.TEXT);
                peer.write(Frame.close(1000, "line\nbreak \u001b[31m"));
                peer.read(Frame.CLOSE);
            }
            Patience.until("all have left", () -> server.connections() == 0);

            assertThat(log.ours()).hasSizeGreaterThan(10);
            assertThat(log.lines()).as("of every library").noneMatch(line -> line.contains(CANARY));
            assertThat(log.lines()).as("as bytes in hexadecimal").noneMatch(line -> line.contains("63346e347279"));
            assertThat(log.ours())
                    .as("one event is one line")
                    .allMatch(line -> line.chars().noneMatch(Character::isISOControl));
        }
    }
}
