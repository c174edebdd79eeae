package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.StormPolicy;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ServerTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many at the door: who is slow, who is too many, and who gets in all the same. */
class CrowdTest {
    private static final String HALF_LINE = "GET / HT";
    private static final String HALF_HEADER = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgr";
    private static final String HALF_HELLO = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000";

    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();
    private final List<SocketChannel> strangers = new ArrayList<>();

    @AfterEach
    void sendStrangersAway() throws IOException {
        for (SocketChannel stranger : strangers) {
            stranger.close();
        }
    }

    private SocketChannel stranger(int port, String begin) throws IOException {
        SocketChannel stranger = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        strangers.add(stranger);
        write(stranger, begin);
        return stranger;
    }

    private void strangerWhoMayHaveToLeave(int port) throws IOException {
        SocketChannel stranger = stranger(port, "");
        try {
            write(stranger, HALF_LINE);
        } catch (IOException e) {
            assertThat(e).as("it had to leave before it spoke").hasMessageMatching("Connection reset.*|Broken pipe");
        }
    }

    private static void write(SocketChannel stranger, String text) throws IOException {
        stranger.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void converse(int port) throws IOException {
        try (RawPeer peer = RawPeer.open(port)) {
            converse(peer);
        }
    }

    private static void converse(RawPeer peer) throws IOException {
        peer.write(Frame.text("hello"));
        assertThat(peer.read(Frame.TEXT).text()).isEqualTo("hello");
    }

    /** HS-07: two thousand that are slow, each in its own way, and good ones in between. */
    @ParameterizedTest
    @ValueSource(ints = {4_096, 300})
    @DisplayName("HS-07: slow handshakes by the thousand")
    void letsGoodOnesInHoweverManyAreSlow(int maxHandshakes, @TempDir Path directory) throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.write("server", certificates.sign(certificates.server("server")));
        EverwireServer server = opened.serve(EverwireServer.builder()
                .bind("127.0.0.1", 0)
                .bind("127.0.0.1", 0, ServerTls.of(certificates.path("server.pem"), certificates.path("server.key")))
                .maxHandshakes(maxHandshakes)
                .listen("/", echo));
        int plain = server.addresses().get(0).getPort();
        int tls = server.addresses().get(1).getPort();
        for (int i = 0; i < 2_000; i++) {
            String[] begins = {"", HALF_HELLO, HALF_LINE, HALF_HEADER, "G"};
            stranger(i % 5 == 1 ? tls : plain, begins[i % 5]);
            if (i % 200 == 199) {
                // One drips, which earns it no time.
                try {
                    write(strangers.get(i - 195), "E");
                } catch (IOException e) {
                    assertThat(maxHandshakes).as("it was made to leave").isLessThan(2_000);
                }
                converse(plain);
                try (RawPeer good = Certificates.open(Certificates.dial(certificates.client(null), tls))) {
                    converse(good);
                }
            }
        }
        Patience.until("no more are kept than may be", () -> server.connections() <= maxHandshakes);
        if (maxHandshakes > 2_000) {
            assertThat(server.connections()).isGreaterThanOrEqualTo(2_000);
        }
    }

    @Test
    @DisplayName("Whoever has sent a request that the server was too busy to read is not taken for slow")
    void doesNotPushOutThoseWhoHaveSpoken() throws Exception {
        for (RawPeer peer : crowdAtABusyServer(60, EverwireServer.builder().maxHandshakes(4))) {
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    @DisplayName("HS-09: everybody who has asked is told that the server is full, however many come at once")
    void tellsAWholeCrowdThatItIsFull() throws Exception {
        for (RawPeer peer : crowdAtABusyServer(600, EverwireServer.builder().maxConnections(1))) {
            assertThat(peer.readHead()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: ");
        }
    }

    /** So many who all have sent their request before the only event loop has time for the first. */
    private List<RawPeer> crowdAtABusyServer(int size, EverwireServer.Builder builder) throws Exception {
        CountDownLatch isBusy = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        EverwireServer server = opened.serve(builder.storm(StormPolicy.NONE)
                .eventLoops(opened.add(EventLoops.create(1)))
                .listen("/", new SessionListener() {
                    @Override
                    public void onView(Session session, MessageView view) {
                        isBusy.countDown();
                        try {
                            assertThat(mayGoOn.await(1, TimeUnit.MINUTES)).isTrue();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                }));
        opened.add(RawPeer.open(server.port())).write(Frame.text("be busy"));
        isBusy.await();
        List<RawPeer> crowd = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            RawPeer peer = opened.add(RawPeer.dial(server.port()));
            peer.write(RawPeer.REQUEST);
            crowd.add(peer);
        }
        mayGoOn.countDown();
        return crowd;
    }

    @Test
    void givesThePlacesOfSlowOnesToNewcomers() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).maxConnections(3));
        for (int i = 0; i < 3; i++) {
            stranger(server.port(), HALF_LINE);
        }
        Patience.until("all places are taken", () -> server.connections() == 3);
        Patience.until("a newcomer is let in, since they are slow", () -> {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(RawPeer.REQUEST);
                return peer.readHead().startsWith("HTTP/1.1 101 ");
            }
        });
    }

    @Test
    void givesThePlacesOfThoseItRefusedToNewcomers() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withTimeouts(
                        Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5)))
                .maxConnections(3)
                .listen("/", echo));
        for (int i = 0; i < 3; i++) {
            RawPeer refused = opened.add(RawPeer.dial(server.port()));
            refused.write(RawPeer.REQUEST.replace("GET /", "GET /nothing"));
            assertThat(refused.readHead()).startsWith("HTTP/1.1 404 ");
        }
        assertThat(server.connections()).isEqualTo(3);
        Patience.until("a newcomer is let in, though they stay", () -> {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(RawPeer.REQUEST);
                return peer.readHead().startsWith("HTTP/1.1 101 ");
            }
        });
    }

    /** HS-09. */
    @Test
    @DisplayName("HS-09: connections in all")
    void countsConnectionsBeforeTheySayAnything() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).maxConnections(2));
        SocketChannel silent = stranger(server.port(), "");
        Patience.until("it has a place", () -> server.connections() == 1);
        try (RawPeer session = RawPeer.open(server.port());
                RawPeer third = RawPeer.dial(server.port())) {
            third.write(RawPeer.REQUEST);
            assertThat(third.readAll())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: ")
                    .contains("its maximum of 2 connections");
            converse(session);
        }
        silent.close();
        Patience.until("all places are free", () -> server.connections() == 0);
        converse(server.port());
    }

    @Test
    @DisplayName("HS-09: connections of an address")
    void countsConnectionsOfAnAddress() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .bind("127.0.0.1", 0)
                .bind("[::1]", 0)
                .maxConnectionsPerAddress(1)
                .listen("/", echo));
        try (RawPeer first = RawPeer.open(server.port());
                RawPeer second = RawPeer.dial(server.port())) {
            second.write(RawPeer.REQUEST);
            assertThat(second.readAll())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: ")
                    .contains("this address has its maximum of 1 connections");
            InetSocketAddress other = server.addresses().get(1);
            try (RawPeer neighbour = new RawPeer(new java.net.Socket(other.getAddress(), other.getPort()), true)) {
                neighbour.write(RawPeer.REQUEST);
                assertThat(neighbour.readHead()).startsWith("HTTP/1.1 101 ");
            }
            converse(first);
        }
        Patience.until("all places are free", () -> server.connections() == 0);
        converse(server.port());
    }

    @Test
    void countsTheAddressesThatATrustedProxyForwards() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .listen("/", echo)
                .maxConnectionsPerAddress(1)
                .trustedProxies("127.0.0.1"));
        try (RawPeer first = RawPeer.dial(server.port());
                RawPeer second = RawPeer.dial(server.port());
                RawPeer third = RawPeer.dial(server.port())) {
            String[] clients = {"2001:db8::1", "2001:db8:0:1::1", "2001:db8::2"};
            String[] answers = new String[3];
            RawPeer[] peers = {first, second, third};
            for (int i = 0; i < 3; i++) {
                peers[i].write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + "X-Forwarded-For: 9.9.9.9, " + clients[i]
                        + "\r\n\r\n");
                answers[i] = peers[i].readHead().substring(9, 12);
            }
            assertThat(answers).as("64 bits are one household").containsExactly("101", "101", "503");
        }
    }

    @Test
    void isHealthyThoughItIsFull() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).maxConnections(1));
        try (RawPeer only = RawPeer.open(server.port())) {
            for (int i = 0; i < 300; i++) {
                // More than are kept in reserve: whoever is over the limit makes the one before leave.
                strangerWhoMayHaveToLeave(server.port());
            }
            Patience.until("it says that it is well", () -> isWell(server));
            converse(only);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** Several loops accept: one of the hundred may come behind the question, and take its place. */
    private static boolean isWell(EverwireServer server) {
        try {
            String answer = health(server, "GET /healthz");
            return answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\nok\n");
        } catch (IOException e) {
            return false;
        }
    }

    private static String health(EverwireServer server, String line) throws IOException {
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(line + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            return peer.readAll();
        }
    }

    @Test
    void tellsItsHealthInPlainHttpAndNothingElse() throws Exception {
        EverwireServer server = opened.serve(echo);
        assertThat(health(server, "GET /healthz?verbose"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("ok\n");
        assertThat(health(server, "HEAD /healthz"))
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase("content-length: 3")
                .endsWith("\r\n\r\n");
        assertThat(health(server, "POST /healthz")).startsWith("HTTP/1.1 405 ");
        assertThat(health(server, "GET /health")).startsWith("HTTP/1.1 400 ");
        assertThat(health(server, "GET /")).startsWith("HTTP/1.1 400 ");
        assertThat(echo.events()).isEmpty();

        EverwireServer elsewhere =
                opened.serve(EverwireServer.builder().listen("/", echo).healthPath("/ping"));
        assertThat(health(elsewhere, "GET /ping")).startsWith("HTTP/1.1 200 ");
        assertThat(health(elsewhere, "GET /healthz")).startsWith("HTTP/1.1 400 ");
        EverwireServer nowhere =
                opened.serve(EverwireServer.builder().listen("/", echo).healthPath(null));
        assertThat(health(nowhere, "GET /healthz")).startsWith("HTTP/1.1 400 ");
    }
}
