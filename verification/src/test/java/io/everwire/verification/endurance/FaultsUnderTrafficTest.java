package io.everwire.verification.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.LivenessPolicy;
import io.everwire.faults.FaultPlan;
import io.everwire.faults.Heal;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import io.everwire.transport.ClientSession;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ServerSession;
import io.everwire.verification.conversation.Leaks;
import io.everwire.verification.conversation.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Messages flow both ways while one outage follows the other: what was confirmed has come, nothing comes twice or out of order,
 * every send ends, every client is back after each heal, and in the end nothing is left.
 *
 * <p>The property {@code everwire.endurance.seed} repeats a plan, {@code everwire.endurance.minutes} sets how long the long form
 * takes.
 */
@Isolated("counts what the process holds")
class FaultsUnderTrafficTest {
    private static final System.Logger LOG = System.getLogger(FaultsUnderTrafficTest.class.getName());
    private static final long SEED = Long.getLong("everwire.endurance.seed", 20_260_101);
    private static final int CLIENTS = 4;
    private static final long TICK_MILLIS = 25;
    /** Allowed for classes whose objects are pooled for the whole process, or are made when a fault is met first. */
    private static final long INSTANCES_ALLOWED = 300;

    private static final long HEAP_BYTES_ALLOWED = 2 << 20;

    /** How an hour differs from some seconds. */
    private record Form(
            Duration length,
            Duration longestOutage,
            Duration calm,
            Duration ping,
            Duration connectTimeout,
            Duration longestReturn) {}

    private static Form brief(Duration length) {
        return new Form(
                length,
                Duration.ofMillis(700),
                Duration.ofMillis(200),
                Duration.ofMillis(150),
                Duration.ofMillis(500),
                Patience.LIMIT);
    }

    /** The longest delay between attempts that the server is thought to refuse, 30 s, the attempt, and some. */
    private static Form hourly(Duration length) {
        return new Form(
                length,
                Duration.ofSeconds(15),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(45));
    }

    @BeforeEach
    void watch() {
        Assumptions.assumeTrue(Footprint.isMeasurable());
        Leaks.watch();
    }

    @Test
    void keepsEveryPromiseThroughSecondsOfFaults() throws Exception {
        run(brief(Duration.ofSeconds(1)), SEED);
        leavesNothing(brief(Duration.ofSeconds(12)));
    }

    @Test
    @Tag("full")
    void keepsEveryPromiseThroughAnHourOfFaults() throws Exception {
        run(brief(Duration.ofSeconds(10)), SEED);
        leavesNothing(hourly(Duration.ofMinutes(Integer.getInteger("everwire.endurance.minutes", 60))));
    }

    private static void leavesNothing(Form form) throws Exception {
        Footprint before = Footprint.now();
        run(form, SEED + 1);

        Patience.until(
                "no session is kept",
                () -> Footprint.count(ClientSession.class.getName()) + Footprint.count(ServerSession.class.getName())
                        <= before.instances().getOrDefault(ClientSession.class.getName(), 0L)
                                + before.instances().getOrDefault(ServerSession.class.getName(), 0L));
        Footprint after = Footprint.now();
        LOG.log(System.Logger.Level.INFO, () -> "before: " + before + "\nafter: " + after);
        assertThat(after.growthSince(before, INSTANCES_ALLOWED, HEAP_BYTES_ALLOWED))
                .as("what grew")
                .isEmpty();
        Leaks.assertNoneAfterCollection();
    }

    private static void run(Form form, long seed) throws Exception {
        try (World world = new World(form, seed)) {
            world.run();
        }
    }

    /** A server, the way to it, and its clients. */
    private static final class World implements AutoCloseable {
        private final Form form;
        private final long seed;
        private final EventLoops loops = EventLoops.create(2);
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
        private final List<Traffic> clients = new CopyOnWriteArrayList<>();
        private final EverwireServer server;
        private final FaultProxy proxy;
        private long longestReturnMillis;
        private int outages;

        World(Form form, long seed) {
            this.form = form;
            this.seed = seed;
            EverwireServer.Builder builder =
                    EverwireServer.builder().eventLoops(loops).liveness(liveness());
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                builder.listen(
                        Traffic.path(number), handshake -> clients.get(number).listener(), null);
            }
            server = builder.start();
            proxy = FaultProxy.listen(0)
                    .to("127.0.0.1", server.port())
                    .seed(seed)
                    .start();
        }

        private LivenessPolicy liveness() {
            return LivenessPolicy.DEFAULT.withPing(form.ping(), form.ping());
        }

        void run() throws Exception {
            for (int number = 0; number < CLIENTS; number++) {
                clients.add(new Traffic(number, proxy.port(), seed, liveness(), form.connectTimeout(), loops));
            }
            clock.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
            awaitThrough("at the beginning");
            FaultDeck deck = new FaultDeck(seed, form.longestOutage());
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < form.length().toNanos()) {
                FaultPlan outage = deck.next();
                finish(outage);
                awaitThrough("seed " + seed + ", outage " + outages + ":\n" + outage);
                finish(new FaultPlan(List.of(new FaultPlan.Step(form.calm(), new Heal()))));
                outages++;
            }
            settle();
        }

        private void tick() {
            try {
                clients.forEach(Traffic::tick);
            } catch (RuntimeException | Error e) {
                broken.compareAndSet(null, e);
                throw e;
            }
        }

        private void finish(FaultPlan plan) throws Exception {
            long millis = form.longestOutage().toMillis() + Patience.LIMIT.toMillis();
            proxy.run(plan).toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
        }

        /** Waits until messages that are sent from now on are confirmed, of every client, both ways. */
        private void awaitThrough(String when) {
            long begin = System.nanoTime();
            List<Traffic.Mark> marks = clients.stream().map(Traffic::mark).toList();
            for (int i = 0; i < CLIENTS; i++) {
                Traffic client = clients.get(i);
                Traffic.Mark mark = marks.get(i);
                try {
                    Patience.until(
                            "messages get through again", form.longestReturn(), () -> client.isThroughSince(mark));
                } catch (RuntimeException e) {
                    throw new AssertionError("nothing gets through " + when + "\n" + client.explain(), e);
                }
            }
            assertThat(broken).hasValue(null);
            longestReturnMillis = Math.max(longestReturnMillis, (System.nanoTime() - begin) / 1_000_000);
        }

        /** Ends the traffic and judges it. */
        private void settle() throws InterruptedException {
            clock.shutdown();
            assertThat(clock.awaitTermination(Patience.SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            clients.forEach(Traffic::close);
            List<Ledger> ledgers = clients.stream()
                    .flatMap(client -> Stream.of(client.up, client.down))
                    .toList();
            Patience.until("every send is settled", () -> ledgers.stream().allMatch(Ledger::isSettled));
            List<String> mistakes = new ArrayList<>();
            ledgers.forEach(ledger -> mistakes.addAll(ledger.mistakes()));
            int epochs = clients.stream().mapToInt(Traffic::epochs).sum();
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "seed " + seed + ": " + outages + " outages, " + epochs + " connections, longest return "
                            + longestReturnMillis + " ms\n"
                            + String.join(
                                    "\n", ledgers.stream().map(Ledger::toString).toList()));
            assertThat(mistakes).as("seed " + seed).isEmpty();
        }

        @Override
        public void close() {
            clock.shutdownNow();
            clients.forEach(Traffic::close);
            clients.clear();
            server.close();
            Patience.of(server.stopped());
            proxy.close();
            loops.close();
            Patience.of(loops.terminated());
        }
    }
}
