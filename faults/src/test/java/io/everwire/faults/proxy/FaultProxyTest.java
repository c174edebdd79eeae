package io.everwire.faults.proxy;

import static io.everwire.faults.proxy.Endpoints.assertAborted;
import static io.everwire.faults.proxy.Endpoints.assertEnded;
import static io.everwire.faults.proxy.Endpoints.assertPasses;
import static io.everwire.faults.proxy.Endpoints.assertSilent;
import static io.everwire.faults.proxy.Endpoints.receive;
import static io.everwire.faults.proxy.Endpoints.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.everwire.faults.Fault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every fault but the blackhole, on real connections. */
class FaultProxyTest {

    private Endpoints endpoints;
    private FaultProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        endpoints = new Endpoints();
        proxy = endpoints.proxy();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
        endpoints.close();
    }

    @Test
    void carriesBytesBothWaysAndLeavesHalfClosedConnectionsHalfClosed() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "question");
        client.shutdownOutput();
        assertEnded(server);
        assertPasses(server, client, "answer");
        server.close();
        assertEnded(client);
        await().untilAsserted(() -> assertThat(proxy.state().connectionsOpen()).isZero());
        assertThat(proxy.state())
                .returns(1L, ProxyState::connectionsTotal)
                .returns(8L, ProxyState::bytesUp)
                .returns(6L, ProxyState::bytesDown);
    }

    @Test
    void passesAnAbortOnInEitherDirection() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "x");
        Endpoints.abort(client);
        assertAborted(server);
        Socket nextClient = endpoints.connect(proxy);
        Socket nextServer = endpoints.accept();
        assertPasses(nextClient, nextServer, "x");
        Endpoints.abort(nextServer);
        assertAborted(nextClient);
    }

    @Test
    void abortsTheClientWhenNobodyListensBehindTheProxy() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        try (FaultProxy lonely = FaultProxy.listen(0).to("127.0.0.1", port).start()) {
            // the abort may even be faster than the end of connect()
            assertThatThrownBy(() -> receive(endpoints.connect(lonely), 1)).hasMessageContaining("reset");
        }
    }

    @Test
    void makesTheSenderWaitForAReceiverThatDoesNotRead() throws IOException {
        try (SocketChannel client =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
                Selector selector = Selector.open()) {
            Socket server = endpoints.accept();
            client.configureBlocking(false);
            client.register(selector, SelectionKey.OP_WRITE);
            long sent = 0;
            while (selector.select(2 * Endpoints.QUIET_MILLIS) > 0) {
                selector.selectedKeys().clear();
                sent += client.write(ByteBuffer.allocate(64 * 1024));
                assertThat(sent).isLessThan(256L * 1024 * 1024);
            }
            client.shutdownOutput();
            long received = 0;
            byte[] buffer = new byte[64 * 1024];
            for (int n = server.getInputStream().read(buffer);
                    n >= 0;
                    n = server.getInputStream().read(buffer)) {
                received += n;
            }
            assertThat(received).isEqualTo(sent);
        }
    }

    @Test
    void resetAbortsOpenConnectionsAndLeavesNewOnesAlone() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "x");
        proxy.apply(Fault.parse("reset"));
        assertAborted(client);
        assertAborted(server);
        assertThat(proxy.state().connectionsOpen()).isZero();
        Socket next = endpoints.connect(proxy);
        assertPasses(next, endpoints.accept(), "y");
    }

    @Test
    void refuseRefusesNewConnectionsAndLeavesOpenOnesAlone() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        int port = proxy.port();
        for (int i = 0; i < 3; i++) {
            proxy.apply(Fault.parse("refuse"));
            assertThatThrownBy(() -> endpoints.connect(proxy)).isInstanceOf(ConnectException.class);
            assertPasses(client, server, "still here");
            proxy.heal();
            assertPasses(endpoints.connect(proxy), endpoints.accept(), "back");
        }
        assertThat(proxy.port()).isEqualTo(port);
    }

    @Test
    void acceptThenCloseClosesNewConnectionsWithoutAByte() throws IOException {
        Socket open = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        proxy.apply(Fault.parse("accept-then-close"));
        assertEnded(endpoints.connect(proxy));
        assertPasses(open, server, "still here");
        proxy.heal();
        assertPasses(endpoints.connect(proxy), endpoints.accept(), "back");
    }

    @Test
    void muteUpgradeLetsNothingBackBeforeTheHeal() throws IOException {
        Socket open = endpoints.connect(proxy);
        Socket openServer = endpoints.accept();
        assertPasses(open, openServer, "x");
        proxy.apply(Fault.parse("mute-upgrade"));
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "GET /");
        send(server, "101");
        assertSilent(client);
        assertPasses(openServer, open, "not for me");
        proxy.heal();
        assertThat(receive(client, 3)).isEqualTo("101");
    }

    @Test
    void delayRateAndSliceChangeNothingButTheTime() throws IOException {
        proxy.apply(Fault.parse("delay 20ms jitter 20ms"));
        proxy.apply(Fault.parse("rate 800kbit"));
        proxy.apply(Fault.parse("slice 7"));
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            text.append(i).append(' ');
        }
        assertPasses(client, server, text.toString());
        assertPasses(server, client, text.toString());
        client.close();
        assertEnded(server);
    }

    @Test
    void sliceOfOneByteCarriesEverything() throws IOException {
        proxy.apply(Fault.parse("slice 1"));
        Socket client = endpoints.connect(proxy);
        assertPasses(client, endpoints.accept(), "x".repeat(5_000));
    }

    @Test
    void cutAfterAbortsBothSidesAfterSoManyBytesOfBoth() throws IOException {
        proxy.apply(Fault.parse("cut-after 10"));
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "1234");
        send(server, "12345678");
        assertThat(receive(client, 6)).isEqualTo("123456");
        assertAborted(client);
        assertAborted(server);
    }
}
