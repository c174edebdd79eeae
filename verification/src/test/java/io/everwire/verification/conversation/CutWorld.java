package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Backoff;
import io.everwire.ConnectRequest;
import io.everwire.Delivery;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Blackhole;
import io.everwire.faults.CutAfter;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.faults.proxy.ProxyListener;
import io.everwire.faults.proxy.ProxyState;
import io.everwire.server.EverwireServer;
import io.everwire.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A client and a server whose connection is lost, and whose next one is cut after so many bytes. Each connection goes through a proxy
 * of its own, so that a fault never meets the wrong one.
 */
final class CutWorld implements AutoCloseable {
    /** One for each way to write a length, and the empty one. */
    private static final int[] SIZES = {40, 0, 300, 66_000};

    /** So many that the numbers do not change their width soon. */
    private static final int BEGINNING = 200;

    private static final LivenessPolicy HASTY =
            LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(300), Duration.ofMillis(300));
    private static final ReconnectPolicy BRISK = ReconnectPolicy.DEFAULT
            .withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(10))
            .withBackoff(Backoff.fixed(Duration.ofMillis(50)))
            .withBudgets(100_000, 100_000);

    private static final ProxyListener NOBODY = new ProxyListener() {};

    final Ledger up = new Ledger("up");
    final Ledger down = new Ledger("down");
    private final RecordingListener clientEvents = new RecordingListener();
    private final Set<Session> lostAtServer = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final @Nullable FileStore store;
    private final EverwireServer server;
    private final Session client;
    private final Session served;
    private final LinkedBlockingDeque<Integer> routes = new LinkedBlockingDeque<>();
    private List<FaultProxy> present = List.of();
    private volatile int lastRoute;

    /** What one end has sent and the other was handed. */
    static final class Ledger {
        private final String name;
        final List<Message> sent = new ArrayList<>();
        final List<Message> received = Collections.synchronizedList(new ArrayList<>());
        private final List<CompletionStage<Delivery>> sends = new ArrayList<>();

        Ledger(String name) {
            this.name = name;
        }

        void send(Session from, int size) {
            String text = "%-4s %06d %s"
                    .formatted(name, sent.size() + 1, "x".repeat(size))
                    .substring(0, size);
            Message message = sent.size() % 2 == 0
                    ? Message.text(text)
                    : Message.copyOf(false, Message.text(text).bytes());
            sent.add(message);
            sends.add(from.send(message));
        }

        void await() {
            for (int i = 0; i < sends.size(); i++) {
                assertThat(Patience.of(sends.get(i)))
                        .as("send %d of those since the last cut, %s", i + 1, name)
                        .isEqualTo(Delivery.CONFIRMED);
            }
            sends.clear();
            Patience.until(name + " arrives", () -> received.size() >= sent.size());
            assertThat(received.size()).as("how many came, %s", name).isEqualTo(sent.size());
            for (int i = 0; i < sent.size(); i++) {
                Message came = received.get(i);
                assertThat(came.number())
                        .as("the number of message %d, %s", i + 1, name)
                        .isEqualTo(i + 1);
                assertThat(came).as("message %d, %s", i + 1, name).isEqualTo(sent.get(i));
            }
        }
    }

    /**
     * Makes a world in which everything is well. What it is made of depends on its number: odd ones read in the blocking style at the
     * server and on an executor at the client, two of four keep the server's session in a file.
     *
     * @param directory for the store
     */
    CutWorld(int number, Path directory) {
        Leaks.watch();
        boolean isBlocking = number % 2 == 1;
        store = number % 4 >= 2 ? FileStore.open(directory.resolve("store-" + number)) : null;
        server = serve(isBlocking);
        route(List.of(proxy(NOBODY)));
        ConnectRequest home = ConnectRequest.to("ws://127.0.0.1:" + (1 + number) + "/");
        EverwireClient.Builder builder = EverwireClient.to(home, attempt -> {
                    Integer next = routes.poll();
                    lastRoute = next == null ? lastRoute : next;
                    return CompletableFuture.completedFuture(ConnectRequest.to("ws://127.0.0.1:" + lastRoute + "/"));
                })
                .liveness(HASTY)
                .reconnect(BRISK)
                .sessions();
        client = (isBlocking ? builder.executor(threads) : builder).listen(keeping(down, clientEvents::onEvent));
        clientEvents.await(SessionEvent.Ready.class);
        served = served();
        for (int i = 0; i < BEGINNING; i++) {
            up.send(client, 10);
            down.send(served, 10);
        }
        await();
    }

    private EverwireServer serve(boolean isBlocking) {
        EverwireServer.Builder builder = EverwireServer.builder().liveness(HASTY);
        if (store == null) {
            builder.sessions(ResumePolicy.DEFAULT);
        } else {
            builder.sessions(ResumePolicy.DEFAULT, store);
        }
        if (isBlocking) {
            builder.handle("/", threads, session -> session.forEach(up.received::add));
        } else {
            builder.listen("/", keeping(up, (session, event) -> {
                if (event instanceof SessionEvent.SessionLost) {
                    lostAtServer.add(session);
                }
            }));
        }
        return builder.start();
    }

    /** The server's end of the client's session; one whose client has given up its first attempt may be there, too. */
    private Session served() {
        return server.sessions().stream()
                .filter(session -> Objects.equals(session.sessionId(), client.sessionId()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the server does not know the client's session"));
    }

    private static SessionListener keeping(Ledger ledger, BiConsumer<Session, SessionEvent> events) {
        return new SessionListener() {
            @Override
            public void onMessage(Session session, Message message) {
                ledger.received.add(message);
            }

            @Override
            public void onEvent(Session session, SessionEvent event) {
                events.accept(session, event);
            }
        };
    }

    private FaultProxy proxy(ProxyListener listener) {
        return FaultProxy.listen(0)
                .to("127.0.0.1", server.port())
                .listener(listener)
                .start();
    }

    private void route(List<FaultProxy> proxies) {
        present = proxies;
        routes.clear();
        proxies.forEach(proxy -> routes.add(proxy.port()));
    }

    private void await() {
        up.await();
        down.await();
    }

    /** Loses the connection with messages under way in both directions, which the next one has to replay. */
    private void lose(List<FaultProxy> proxies) {
        proxies.forEach(proxy -> proxy.apply(Blackhole.BOTH));
        for (int size : SIZES) {
            up.send(client, size);
            down.send(served, size);
        }
        proxies.forEach(proxy -> proxy.apply(new Reset()));
        proxies.forEach(FaultProxy::heal);
    }

    /** Loses the connection, lets the next one die of this fault, and judges what came of it all. */
    void cut(CutAfter fault) {
        AtomicInteger met = new AtomicInteger();
        FaultProxy cutting = proxy(new ProxyListener() {
            @Override
            public void onConnectionOpened(ProxyState state) {
                met.incrementAndGet();
            }
        });
        cutting.apply(fault);
        List<FaultProxy> before = present;
        route(List.of(cutting, proxy(NOBODY)));
        // A client whose connection was lost for another reason had asked for its way already; then it is lost once
        // more.
        while (met.get() == 0) {
            lose(before);
            await();
        }
        before.forEach(FaultProxy::close);
        // What the silent cut has held arrives now, behind a connection that is the session's instead.
        cutting.heal();
        up.send(client, 20);
        down.send(served, 20);
        await();
        assertThat(clientEvents.all(SessionEvent.SessionLost.class)).isEmpty();
        assertThat(lostAtServer).doesNotContain(served);
    }

    /** Loses the connection and returns what passes on the next one, up to the last replayed message each way. */
    Tap.Recording record() throws IOException {
        try (Tap tap = new Tap(server.port())) {
            List<FaultProxy> before = present;
            routes.add(tap.port());
            while (tap.recordings().isEmpty()) {
                lose(before);
                await();
            }
            route(List.of(proxy(NOBODY)));
            before.forEach(FaultProxy::close);
            return tap.recordings().get(0);
        }
    }

    String stories() {
        return "client:\n" + client.explain() + "\nserver:\n" + served.explain();
    }

    @Override
    public void close() {
        client.close();
        Patience.of(client.closed());
        server.close();
        Patience.of(server.stopped());
        present.forEach(FaultProxy::close);
        threads.shutdownNow();
        if (store != null) {
            store.close();
        }
    }
}
