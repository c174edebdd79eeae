package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Handshake;
import io.everwire.SessionEvent;
import io.everwire.StartException;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ServerTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a server listens, and whom it sees there. */
class PortsTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final Echo echo = new Echo();

    private static RawPeer dial(InetSocketAddress address) throws Exception {
        return new RawPeer(new Socket(address.getAddress(), address.getPort()), true);
    }

    @Test
    void areSeveralWithAndWithoutTls(@TempDir Path directory) throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.write("server", certificates.sign(certificates.server("server")));
        ServerTls tls = ServerTls.of(certificates.path("server.pem"), certificates.path("server.key"));
        EverwireServer server = opened.serve(EverwireServer.builder()
                .bind("127.0.0.1", 0)
                .bind("[::1]", 0)
                .bind("127.0.0.1", 0, tls)
                .listen("/", echo));

        List<InetSocketAddress> addresses = server.addresses();
        assertThat(addresses).hasSize(3).doesNotHaveDuplicates();
        assertThat(server.port()).isEqualTo(addresses.get(0).getPort());
        assertThat(addresses.get(1).getAddress().getHostAddress()).isEqualTo("0:0:0:0:0:0:0:1");
        for (InetSocketAddress address : addresses.subList(0, 2)) {
            try (RawPeer peer = dial(address)) {
                peer.write(RawPeer.REQUEST);
                assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            }
        }
        Certificates.open(Certificates.dial(
                        certificates.client(null), addresses.get(2).getPort()))
                .close();
    }

    @Test
    void areAllOpenOrNone() throws Exception {
        int first;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            first = free.getLocalPort();
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EverwireServer.builder()
                            .bind("127.0.0.1", first)
                            .bind("127.0.0.1", taken.getLocalPort())
                            .listen("/", echo)
                            .start())
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " on 127.0.0.1 cannot be listened on");
            opened.serve(EverwireServer.builder().port(first).listen("/", echo));
        }
    }

    @Test
    void sendAwayWhomOneLetInBeforeAnotherCouldNotOpen() throws Exception {
        EventLoops loops = opened.add(EventLoops.create(1));
        int first;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            first = free.getLocalPort();
        }
        CompletableFuture<RawPeer> early = new CompletableFuture<>();
        opened.threads(Executors.newSingleThreadExecutor()).execute(() -> {
            while (!early.isDone()) {
                try {
                    early.complete(opened.add(RawPeer.open(first)));
                } catch (IOException e) {
                    Thread.onSpinWait();
                }
            }
        });
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Patience.until("somebody was quick enough", () -> {
                EverwireServer.Builder builder =
                        EverwireServer.builder().eventLoops(loops).bind("127.0.0.1", first);
                for (int i = 0; i < 50; i++) {
                    builder.bind("127.0.0.1", 0);
                }
                assertThatThrownBy(
                                builder.bind("127.0.0.1", taken.getLocalPort()).listen("/", echo)::start)
                        .isInstanceOf(StartException.class);
                return early.isDone();
            });
        }
        assertThat(early.join().read(Frame.CLOSE).closeCode()).isEqualTo(1001);
    }

    @Test
    void areOnAddressesThatExist() {
        assertThatThrownBy(() -> EverwireServer.builder()
                        .bind("no-such-host.invalid", 0)
                        .listen("/", echo)
                        .start())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the host 'no-such-host.invalid' is unknown");
    }

    private Handshake handshakeWith(EverwireServer server, String headers) throws Exception {
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + headers + "\r\n");
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            return echo.await(SessionEvent.Open.class).handshake();
        }
    }

    @Test
    void seeTheClientBehindATrustedProxy() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).trustedProxies("127.0.0.0/8"));
        Handshake handshake = handshakeWith(
                server,
                String.join(
                        "\r\n",
                        "Forwarded: for=198.51.100.9",
                        "Forwarded: for=203.0.113.7;proto=https",
                        "Origin: https://127.0.0.1",
                        ""));
        assertThat(handshake.remoteAddress().getAddress().getHostAddress()).isEqualTo("203.0.113.7");
        assertThat(handshake.peerAddress().getAddress().isLoopbackAddress()).isTrue();
    }

    @Test
    @DisplayName("FWD-01: a forwarded address of a stranger")
    void believeNobodyElse() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).trustedProxies("10.0.0.0/8"));
        Handshake handshake = handshakeWith(server, "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\n");
        assertThat(handshake.remoteAddress())
                .isEqualTo(handshake.peerAddress())
                .extracting(address -> address.getAddress().isLoopbackAddress())
                .isEqualTo(true);
    }

    /** A proxy that writes one kind of header passes on the other, which the client wrote. */
    @Test
    @DisplayName("FWD-01: an address that the client made up")
    void believeNobodyWhenTwoKindsOfHeadersDiffer() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).trustedProxies("127.0.0.0/8"));
        Handshake differing = handshakeWith(server, "Forwarded: for=198.51.100.9\r\nX-Forwarded-For: 203.0.113.7\r\n");
        assertThat(differing.remoteAddress()).isEqualTo(differing.peerAddress());
    }

    @Test
    void believeTwoKindsOfHeadersThatAgree() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().listen("/", echo).trustedProxies("127.0.0.0/8"));
        Handshake agreeing = handshakeWith(
                server, "Forwarded: for=\"203.0.113.7:99\"\r\nX-Forwarded-For: 198.51.100.9, 203.0.113.7\r\n");
        assertThat(agreeing.remoteAddress().getAddress().getHostAddress()).isEqualTo("203.0.113.7");
    }

    @Test
    void nameTheirProxiesByAddress() {
        assertThatThrownBy(() -> EverwireServer.builder()
                        .listen("/", echo)
                        .trustedProxies("proxy.example")
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'proxy.example' is no block of addresses");
    }
}
