package io.everwire.benchmarks;

import io.everwire.benchmarks.StormSuite.Life;
import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.EchoService;
import io.everwire.benchmarks.load.KernelCounters;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A server, and its clients, whom it is taken from. */
final class Storm implements AutoCloseable {
    /** Addresses of the one server: the kernel finds free ports the sooner. */
    private static final int HOSTS = 3;
    /** What the clients of an address may ask for a second, in place of the 20 of a JVM that is one client among many. */
    private static final int BUDGET = 5_000;
    /** After it, a connection counts as good, and its loss as a new outage. */
    private static final double STABLE_SECONDS = 6;
    /** Of the server's pings; those of the clients are alike. */
    private static final int PING_MILLIS = 1_000;

    private static final int TIMEOUT_MILLIS = 5_000;
    /** In which a heartbeat that was missed in the storm is a lost connection: an interval, a time-out and a second. */
    private static final double WATCHED_SECONDS = (PING_MILLIS + TIMEOUT_MILLIS) / 1e3 + 1;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long LONGEST_STORM_NANOS = TimeUnit.MINUTES.toNanos(4);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Arena arena;
    private final Contestant contestant;
    private final int count;
    private final Pace pace;
    private final Child load;
    private Arena.Server server;

    Storm(Arena arena, Contestant contestant, int count, Pace pace) throws IOException, InterruptedException {
        this.arena = arena;
        this.contestant = contestant;
        this.count = count;
        this.pace = pace;
        server = start(0);
        load = arena.startLoad(
                "storm", "hosts=" + HOSTS, "port=" + server.port(), "clients=" + count, "budget=" + BUDGET);
    }

    private Arena.Server start(int port) throws IOException, InterruptedException {
        return start(arena, contestant, port);
    }

    /** Starts a server that its clients, and others, may be connected to; 0 for any port. */
    static Arena.Server start(Arena arena, Contestant contestant, int port) throws IOException, InterruptedException {
        return arena.start(
                contestant,
                "-Dbench.host=0.0.0.0",
                "-Dbench.pingMillis=" + PING_MILLIS,
                "-Dbench.timeoutMillis=" + TIMEOUT_MILLIS,
                "-Dbench.port=" + port);
    }

    void connect() throws IOException, InterruptedException {
        ask("connect");
        await(count);
    }

    /** A strike that does not count. */
    void strike() throws IOException, InterruptedException {
        strike(0);
    }

    /**
     * Kills the server, starts the next one, and waits until everybody is back, and then for a while for losses.
     *
     * @param peakPerSecond the rate of a warm server without storm control
     */
    Map<String, Double> strike(double peakPerSecond) throws IOException, InterruptedException {
        begin(server.port());
        long overflows = KernelCounters.listenOverflows();
        server.child().kill();
        server = start(server.port());
        return outcome(server.epochMillis(), peakPerSecond, overflows);
    }

    /**
     * The same, but the clients go to a server that has other clients, who must not suffer.
     *
     * @param survivor is warm
     */
    Map<String, Double> scatter(Arena.Server survivor, int others, double peakPerSecond)
            throws IOException, InterruptedException {
        try (Audience audience = new Audience(arena, survivor, contestant, EchoService.PATH)) {
            audience.grow(others);
            begin(survivor.port());
            long overflows = KernelCounters.listenOverflows();
            long killedMillis = System.currentTimeMillis();
            server.child().kill();
            Map<String, Double> figures = outcome(killedMillis, peakPerSecond, overflows);
            figures.put("survivorsLost", (double) audience.lost());
            return figures;
        }
    }

    private void begin(int nextPort) throws IOException, InterruptedException {
        pause(STABLE_SECONDS);
        ask("anew " + nextPort);
    }

    private Map<String, Double> outcome(long possibleMillis, double peakPerSecond, long overflowsBefore)
            throws IOException, InterruptedException {
        await(count);
        pause(WATCHED_SECONDS);
        Map<String, Double> figures = new LinkedHashMap<>(StormSuite.figures(lives(), possibleMillis, peakPerSecond));
        figures.put("listenOverflows", (double) (KernelCounters.listenOverflows() - overflowsBefore));
        return figures;
    }

    /** A run that settles nothing only shows that everything works. */
    private void pause(double seconds) {
        if (pace.settleSeconds() > 0) {
            LockSupport.parkNanos((long) (seconds * TimeUnit.SECONDS.toNanos(1)));
        }
    }

    private void await(int wanted) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        for (long up = up(); up != wanted; up = up()) {
            if (System.nanoTime() - begun > LONGEST_STORM_NANOS) {
                throw new IOException("after 4 minutes " + up + " clients are connected instead of " + wanted);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private long up() throws IOException, InterruptedException {
        return Long.parseLong(ask("up"));
    }

    private List<Life> lives() throws IOException, InterruptedException {
        return Stream.of(ask("lives").split(" ", -1)).skip(1).map(Life::of).toList();
    }

    private String ask(String order) throws IOException, InterruptedException {
        load.tell(order);
        String line = load.line(PATIENCE);
        if (!line.startsWith("at ")) {
            throw new IOException(line);
        }
        return line.substring("at ".length());
    }

    @Override
    public void close() {
        load.close();
        server.close();
    }
}
