package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Backoff;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Nothing stays behind: no thread, no file descriptor, no buffer. */
@Isolated("counts what the process holds")
class LeftoversTest {
    private static final ReconnectPolicy BRISK = ReconnectPolicy.DEFAULT
            .withBackoff(Backoff.fixed(Duration.ofMillis(50)))
            .withBudgets(10_000, 10_000);

    @AutoClose
    private final Opened opened = new Opened();

    @Test
    void leavesNoThreadAndNoDescriptorBehind() {
        Assumptions.assumeTrue(new File("/proc/self/fd").isDirectory());
        useAndClose();
        Patience.until("threads of the first round have ended", () -> threads().isEmpty());
        int descriptors = descriptors();

        for (int i = 0; i < 10; i++) {
            useAndClose();
        }

        Patience.until("no thread is left of " + threads(), () -> threads().isEmpty());
        Patience.until("no descriptor is left", () -> descriptors() <= descriptors);
        Leaks.assertNoneAfterCollection();
    }

    private static void useAndClose() {
        RecordingListener client = new RecordingListener();
        EventLoops loops = EventLoops.create(2);
        try {
            EverwireServer server =
                    EverwireServer.builder().listen("/", new Echo()).start();
            Session session = EverwireClient.to("ws://localhost:" + server.port() + "/")
                    .eventLoops(loops)
                    .listen(client);
            session.trySend(Message.text("hello"));
            client.next();
            session.close();
            Patience.of(session.closed());
            server.close();
            Patience.of(server.stopped());
        } finally {
            loops.close();
        }
        Patience.of(loops.terminated());
    }

    /** The event loops that are not the shared ones. */
    private static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        String shared = sharedPrefix();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("everwire-") && !thread.getName().startsWith(shared)) {
                names.add(thread.getName());
            }
        }
        return names;
    }

    private static String sharedPrefix() {
        try {
            String name = EventLoops.shared()
                    .next()
                    .submit(() -> Thread.currentThread().getName())
                    .get();
            return name.substring(0, name.lastIndexOf('-') + 1);
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new AssertionError("the shared event loops answer", e);
        }
    }

    private static int descriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    @Test
    void comesBackThreeHundredTimesWithoutLeavingAnythingBehind() {
        Assumptions.assumeTrue(new File("/proc/self/fd").isDirectory());
        List<FaultProxy> proxies = new ArrayList<>();
        List<RecordingListener> clients = new ArrayList<>();
        EverwireServer server = opened.serve(new Echo());
        for (int i = 0; i < 6; i++) {
            FaultProxy proxy = opened.proxy(server);
            RecordingListener client = new RecordingListener();
            opened.connect(EverwireClient.to(Opened.url(proxy.port())).reconnect(BRISK), client);
            client.await(SessionEvent.Ready.class);
            proxies.add(proxy);
            clients.add(client);
        }
        int descriptors = descriptors();
        int threads = Thread.activeCount();

        for (int cycle = 1; cycle <= 50; cycle++) {
            for (FaultProxy proxy : proxies) {
                proxy.apply(new Reset());
            }
            for (RecordingListener client : clients) {
                client.await(SessionEvent.Ready.class, cycle + 1);
            }
        }

        Patience.until(
                "the server has only the last connections",
                () -> server.sessions().size() <= 6);
        Patience.until("descriptors are as many as before", () -> descriptors() <= descriptors);
        Patience.until("threads are as many as before", () -> Thread.activeCount() <= threads + 1);
        for (RecordingListener client : clients) {
            assertThat(client.all(SessionEvent.Open.class)).hasSize(51);
            OrderOfEvents.check(client.events());
        }
        Leaks.assertNoneAfterCollection();
    }
}
