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

import io.everwire.faults.Blackhole;
import io.everwire.faults.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cut cable, on real connections. */
class BlackholeProxyTest {

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
    void holdsWhatBothSidesSayAndLosesNothing() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "before");
        proxy.apply(Blackhole.BOTH);
        send(client, "during");
        send(server, "the cut");
        assertSilent(server);
        assertSilent(client);
        proxy.heal();
        assertThat(receive(server, 6)).isEqualTo("during");
        assertThat(receive(client, 7)).isEqualTo("the cut");
        assertPasses(server, client, "after");
    }

    @Test
    void cutsOneDirectionOnly() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        proxy.apply(Blackhole.UP);
        send(client, "held");
        assertPasses(server, client, "passes");
        assertSilent(server);
        proxy.heal();
        assertThat(receive(server, 4)).isEqualTo("held");
        proxy.apply(Blackhole.DOWN);
        send(server, "held");
        assertPasses(client, server, "passes");
        assertSilent(client);
        proxy.heal();
        assertThat(receive(client, 4)).isEqualTo("held");
    }

    @Test
    void passesAFinOnAfterTheHeal() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "x");
        proxy.apply(Blackhole.BOTH);
        client.shutdownOutput();
        assertSilent(server);
        proxy.heal();
        assertEnded(server);
    }

    @Test
    void losesAnAbortUntilTheOtherSideSpeaks() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "x");
        proxy.apply(Blackhole.BOTH);
        Endpoints.abort(client);
        assertSilent(server);
        proxy.heal();
        assertSilent(server);
        send(server, "anybody there?");
        assertAborted(server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"blackhole", "blackhole-up", "blackhole-down"})
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux is known to drop a SYN when the accept queue is full")
    void leavesASynUnansweredUntilTheKernelSendsItAgain(String fault) throws IOException {
        proxy.apply(Fault.parse(fault));
        try (SocketChannel client = SocketChannel.open();
                Selector selector = Selector.open()) {
            client.configureBlocking(false);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
            client.register(selector, SelectionKey.OP_CONNECT);
            assertThat(selector.select(Endpoints.QUIET_MILLIS)).isZero();
            proxy.heal();
            assertThat(selector.select(Endpoints.LIMIT_MILLIS)).isEqualTo(1);
            assertThat(client.finishConnect()).isTrue();
            endpoints.accept();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux is known to drop a SYN when the accept queue is full")
    void letsNewClientsInWithTheirFirstSynAfterTheHealAgainAndAgain() throws IOException {
        int beforeTheSynIsSentAgainMillis = 900;
        for (int i = 0; i < 3; i++) {
            proxy.apply(Blackhole.BOTH);
            assertThatThrownBy(() -> endpoints.connect(proxy, Endpoints.QUIET_MILLIS))
                    .isInstanceOf(SocketTimeoutException.class);
            proxy.heal();
            assertPasses(endpoints.connect(proxy, beforeTheSynIsSentAgainMillis), endpoints.accept(), "hello");
        }
        assertThat(proxy.state().connectionsTotal()).isEqualTo(3);
    }

    @Test
    void comesBeforeARefusal() throws IOException {
        proxy.apply(Fault.parse("refuse"));
        proxy.apply(Blackhole.BOTH);
        assertThatThrownBy(() -> endpoints.connect(proxy, Endpoints.QUIET_MILLIS))
                .isInstanceOf(SocketTimeoutException.class);
        proxy.heal();
        assertPasses(endpoints.connect(proxy), endpoints.accept(), "hello");
    }

    @Test
    void servesEveryClientThatCameInWhileTheCableWasBeingCut() throws Exception {
        Crowd crowd = new Crowd();
        crowd.begin();
        proxy.apply(Blackhole.BOTH);
        crowd.awaitSilence();
        proxy.heal();
        await().atMost(Duration.ofMillis(Endpoints.LIMIT_MILLIS))
                .untilAsserted(() -> assertThat(crowd.served).hasValue(crowd.connected.get()));
    }

    @Test
    void holdsNewConnectionsWhereTheKernelAnswersThem() throws IOException {
        AcceptQueue tooFewFillers = new AcceptQueue(3);
        try (FaultProxy answering = FaultProxy.listen(0)
                .to("127.0.0.1", endpoints.port())
                .queue(tooFewFillers)
                .start()) {
            answering.apply(Blackhole.BOTH);
            Socket client = endpoints.connect(answering);
            send(client, "held");
            assertSilent(client);
            assertThat(answering.state().connectionsTotal()).isZero();
            answering.heal();
            assertThat(receive(endpoints.accept(), 4)).isEqualTo("held");
            assertPasses(endpoints.connect(answering), endpoints.accept(), "hello");
        }
    }

    /** Clients that connect one after the other, and a server that accepts them; at most so many are on the way. */
    private final class Crowd {

        private final AtomicInteger connected = new AtomicInteger();
        private final AtomicInteger served = new AtomicInteger();
        private final Semaphore onTheWay = new Semaphore(20);
        private final CountDownLatch begun = new CountDownLatch(10);
        private final Thread clients = new Thread(this::connect);

        void begin() throws InterruptedException {
            new Thread(this::accept).start();
            clients.start();
            begun.await();
        }

        void awaitSilence() throws InterruptedException {
            clients.join();
        }

        private void accept() {
            try {
                while (true) {
                    endpoints.accept();
                    served.incrementAndGet();
                    begun.countDown();
                    onTheWay.release();
                }
            } catch (IOException closed) {
                // The test is over.
            }
        }

        private void connect() {
            try {
                while (onTheWay.tryAcquire(Endpoints.QUIET_MILLIS, TimeUnit.MILLISECONDS)) {
                    endpoints.connect(proxy, Endpoints.QUIET_MILLIS);
                    connected.incrementAndGet();
                }
            } catch (IOException | InterruptedException silence) {
                // The cable is cut.
            }
        }
    }
}
