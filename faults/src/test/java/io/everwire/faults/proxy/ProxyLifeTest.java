package io.everwire.faults.proxy;

import static io.everwire.faults.proxy.Endpoints.assertEnded;
import static io.everwire.faults.proxy.Endpoints.assertPasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.everwire.faults.Blackhole;
import io.everwire.faults.Fault;
import io.everwire.faults.FaultPlan;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Starting, watching, planning and closing a proxy. */
class ProxyLifeTest {

    private Endpoints endpoints;

    @BeforeEach
    void listen() throws IOException {
        endpoints = new Endpoints();
    }

    @AfterEach
    void close() {
        endpoints.close();
    }

    @Test
    void saysWhatIsMissingOrTaken() {
        assertThatThrownBy(() -> FaultProxy.listen(0).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a fault proxy needs a server to stand for; name it with to(host, port)");
        assertThatThrownBy(() -> FaultProxy.listen(0).to("127.0.0.1", 0))
                .hasMessage("no server listens on port 0; name its port, from 1 to 65535");
        assertThatThrownBy(() -> FaultProxy.listen(endpoints.port())
                        .to("127.0.0.1", endpoints.port())
                        .start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("port %d on 127.0.0.1 is taken; choose another one, or 0 for any that is free"
                        .formatted(endpoints.port()));
    }

    @Test
    void tellsItsListenerWhatChanges() throws IOException {
        Queue<String> news = new ConcurrentLinkedQueue<>();
        ProxyListener listener = new ProxyListener() {
            @Override
            public void onFault(Fault fault, ProxyState state) {
                news.add(fault + " " + state.faults());
            }

            @Override
            public void onConnectionOpened(ProxyState state) {
                news.add("opened " + state.connectionsOpen());
            }

            @Override
            public void onConnectionClosed(ProxyState state) {
                news.add("closed " + state.connectionsOpen());
            }
        };
        try (FaultProxy proxy = FaultProxy.listen(0)
                .to("127.0.0.1", endpoints.port())
                .listener(listener)
                .start()) {
            endpoints.connect(proxy);
            endpoints.accept();
            proxy.apply(Blackhole.UP);
            proxy.heal();
            proxy.apply(Fault.parse("reset"));
            await().untilAsserted(() -> assertThat(news)
                    .containsExactly("opened 1", "blackhole-up [blackhole-up]", "heal []", "closed 0", "reset []"));
        }
    }

    @Test
    void outlivesAListenerThatThrowsAndDoesNotHideIt() throws IOException {
        Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
        Thread.UncaughtExceptionHandler earlier = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
        ProxyListener broken = new ProxyListener() {
            @Override
            public void onFault(Fault fault, ProxyState state) {
                throw new IllegalStateException("thrown on purpose");
            }
        };
        try (FaultProxy proxy = FaultProxy.listen(0)
                .to("127.0.0.1", endpoints.port())
                .listener(broken)
                .start()) {
            proxy.apply(Fault.parse("slice 1"));
            assertPasses(endpoints.connect(proxy), endpoints.accept(), "hello");
            assertThat(uncaught)
                    .singleElement()
                    .extracting(Throwable::getMessage)
                    .isEqualTo("thrown on purpose");
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(earlier);
        }
    }

    @Test
    void runsAPlan() throws Exception {
        Queue<Fault> applied = new ConcurrentLinkedQueue<>();
        ProxyListener listener = new ProxyListener() {
            @Override
            public void onFault(Fault fault, ProxyState state) {
                applied.add(fault);
            }
        };
        FaultPlan plan = FaultPlan.parse("+0s refuse\n+20ms rate 64kbit\n+40ms heal\n+40ms slice 3");
        try (FaultProxy proxy = FaultProxy.listen(0)
                .to("127.0.0.1", endpoints.port())
                .listener(listener)
                .start()) {
            proxy.run(plan).toCompletableFuture().get(Endpoints.LIMIT_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(applied)
                    .containsExactlyElementsOf(
                            plan.steps().stream().map(FaultPlan.Step::fault).toList());
            assertThat(proxy.state().faults()).containsExactly(Fault.parse("slice 3"));
            assertPasses(endpoints.connect(proxy), endpoints.accept(), "hello");
        }
    }

    @Test
    void closesItsConnectionsAndCanBeClosedTwice() throws IOException {
        FaultProxy proxy = endpoints.proxy();
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "x");
        proxy.close();
        proxy.close();
        assertEnded(client);
        assertEnded(server);
        assertThatThrownBy(() -> endpoints.connect(proxy)).isInstanceOf(ConnectException.class);
        assertThatThrownBy(proxy::heal)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the fault proxy on port %d is closed".formatted(proxy.port()));
        assertThat(proxy.state().connectionsTotal()).isEqualTo(1);
    }

    @Test
    void leavesEventLoopsThatItWasGivenRunning() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            FaultProxy proxy = FaultProxy.listen(0)
                    .to("127.0.0.1", endpoints.port())
                    .eventLoops(loops)
                    .start();
            proxy.apply(Blackhole.BOTH);
            proxy.close();
            assertThatThrownBy(() -> endpoints.connect(proxy)).isInstanceOf(ConnectException.class);
            assertThat(loops.submit(() -> "still running").get()).isEqualTo("still running");
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "counts descriptors in /proc")
    void leavesNoThreadAndNoDescriptorBehind() throws IOException {
        openUseAndClose(); // what is loaded once stays open
        int before = descriptors();
        for (String fault : List.of("blackhole", "refuse", "reset", "mute-upgrade", "delay 1s", "accept-then-close")) {
            openUseAndClose(fault);
            openUseAndClose(fault, "heal");
        }
        await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before));
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("everwire-faults")));
    }

    private void openUseAndClose(String... faults) throws IOException {
        try (FaultProxy proxy = endpoints.proxy();
                Socket client = endpoints.connect(proxy);
                Socket server = endpoints.accept()) {
            assertPasses(client, server, "x");
            for (String fault : faults) {
                proxy.apply(Fault.parse(fault));
            }
        }
    }

    private static int descriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }
}
