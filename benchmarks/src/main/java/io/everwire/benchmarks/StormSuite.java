package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.load.KernelCounters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** All clients of a killed server come back to the next one. */
final class StormSuite implements SoloSuite {
    private static final int CROWD = 15_000;
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

    /** Strikes that do not count: the clients' compilers have to see what a storm is like. */
    private static final int REHEARSALS = 3;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long LONGEST_STORM_NANOS = TimeUnit.MINUTES.toNanos(4);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    @Override
    public String name() {
        return "storm";
    }

    @Override
    public String method() {
        return "Everwire's clients, in one process, of a server that is killed and started again at once, four times: the last"
                + " time counts. Time runs from the moment when the new server listens until 99 % of the clients are back. The"
                + " ratio is that time to what the same handshakes would take at the peak rate: that of a warm server without storm"
                + " control under the load of the suite herd. An attempt is what came to a listening server; lost again are clients that were back"
                + " and lost their connection in the storm.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison(
                "ratio", "time until 99 % are back, as a ratio to clients ÷ peak handshake rate", Kind.MULTIPLE);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("ratio", "time ÷ (clients ÷ peak rate)", 1, 2),
                new Column("attempts", "attempts/client", 1, 2),
                new Column("lostAgain", "lost again", 1, 0),
                new Column("back50", "50 % back s", 1, 2),
                new Column("back99", "99 % back s", 1, 2),
                new Column("backAll", "all back s", 1, 2),
                new Column("peakPerSecond", "peak handshakes/s", 1, 0),
                new Column("putOff", "given a slot", 1, 0),
                new Column("failed", "failed otherwise", 1, 0),
                new Column("refused", "refused connects/client", 1, 2),
                new Column("listenOverflows", "overflows", 1, 0));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        int clients = pace.crowd() < CROWD ? pace.crowd() / 2 : CROWD;
        return List.of(new Cell(
                "killed",
                Report.number(clients, 0) + " clients of a killed server",
                List.of(),
                List.of(Contestants.EVERWIRE),
                Map.of("clients", Integer.toString(clients))));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        int clients = Integer.parseInt(cell.load().getOrDefault("clients", "0"));
        Double peakPerSecond = HerdSuite.figures(
                        contestant, Math.min(HerdSuite.MOST, clients), arena, pace, "-Dbench.storm=off")
                .get("perSecond");
        if (peakPerSecond == null) {
            throw new IOException("the herd told no rate; measure again");
        }
        try (Storm storm = new Storm(arena, contestant, clients, pace)) {
            storm.connect();
            for (int i = 0; i < REHEARSALS; i++) {
                storm.strike();
            }
            return storm.strike(peakPerSecond);
        }
    }

    /** What one client has lived through; when it was back, by the wall clock. */
    record Life(long backMillis, int putOff, int failed, int refused, int lostAgain) {
        static Life of(String told) {
            String[] values = told.split(",", -1);
            return new Life(
                    Long.parseLong(values[0]),
                    Integer.parseInt(values[1]),
                    Integer.parseInt(values[2]),
                    Integer.parseInt(values[3]),
                    Integer.parseInt(values[4]));
        }
    }

    /** Returns what came of a storm whose new server listened at this moment. */
    static Map<String, Double> figures(List<Life> lives, long listeningMillis, double peakPerSecond) {
        long[] back = backMillis(lives);
        double count = lives.size();
        // Who was let in met a server that listened.
        long since = Math.min(listeningMillis, back[0]);
        double back99 = seconds(back, 0.99, since);
        double others =
                lives.stream().mapToInt(life -> life.putOff() + life.failed()).sum();
        return Map.of(
                "ratio",
                back99 * peakPerSecond / count,
                "attempts",
                1 + others / count,
                "lostAgain",
                (double) lives.stream().mapToInt(Life::lostAgain).sum(),
                "back50",
                seconds(back, 0.5, since),
                "back99",
                back99,
                "backAll",
                seconds(back, 1, since),
                "peakPerSecond",
                peakPerSecond,
                "putOff",
                (double) lives.stream().mapToInt(Life::putOff).sum(),
                "failed",
                (double) lives.stream().mapToInt(Life::failed).sum(),
                "refused",
                lives.stream().mapToInt(Life::refused).sum() / count);
    }

    private static long[] backMillis(List<Life> lives) {
        return lives.stream().mapToLong(Life::backMillis).sorted().toArray();
    }

    private static double seconds(long[] sorted, double part, long since) {
        return (sorted[(int) Math.ceil(part * sorted.length) - 1] - since) / 1e3;
    }

    /** A server, and its clients. */
    private static final class Storm implements AutoCloseable {
        private final Arena arena;
        private final Contestant contestant;
        private final int count;
        private final Pace pace;
        private final List<String> flags;
        private final Child load;
        private Arena.Server server;

        Storm(Arena arena, Contestant contestant, int count, Pace pace) throws IOException, InterruptedException {
            this.arena = arena;
            this.contestant = contestant;
            this.count = count;
            this.pace = pace;
            flags = new ArrayList<>();
            flags.add("-Dbench.host=0.0.0.0");
            flags.add("-Dbench.pingMillis=" + PING_MILLIS);
            flags.add("-Dbench.timeoutMillis=" + TIMEOUT_MILLIS);
            server = start(0);
            load = arena.startLoad(
                    "storm", "hosts=" + HOSTS, "port=" + server.port(), "clients=" + count, "budget=" + BUDGET);
        }

        private Arena.Server start(int port) throws IOException, InterruptedException {
            List<String> all = new ArrayList<>(flags);
            all.add("-Dbench.port=" + port);
            return arena.start(contestant, all.toArray(String[]::new));
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
            pause(STABLE_SECONDS);
            ask("anew");
            long overflows = -KernelCounters.listenOverflows();
            server.child().kill();
            server = start(server.port());
            await(count);
            pause(WATCHED_SECONDS);
            overflows += KernelCounters.listenOverflows();
            List<Life> lives = lives();
            Map<String, Double> figures = new LinkedHashMap<>(figures(lives, server.epochMillis(), peakPerSecond));
            figures.put("listenOverflows", (double) overflows);
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
}
