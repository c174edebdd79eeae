package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.contestants.EchoService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What a session and its heartbeat cost when there are a thousand times as many. */
final class ScaleSuite implements SoloSuite {
    private static final int FEWEST = 1_000;
    private static final List<Integer> SYNTHETIC = List.of(FEWEST, 10_000, 100_000, 1_000_000);
    /** In quick runs. */
    private static final int LARGEST_ROUGH = 100_000;
    /** Every server answers so many heartbeats a second, however many sessions they are spread over. */
    private static final int HEARTBEATS_PER_SECOND = 10_000;
    /** Of Everwire's wheel. */
    private static final int TICK_MILLIS = 25;

    /** Sessions that are there before heap is counted: they pay for classes and pools. */
    private static final int FIRST = 1_000;

    private static final int MIB = 1 << 20;
    private static final int KIB = 1 << 10;
    private static final int BYTES_A_SESSION = 9 * KIB;
    private static final int LEAST_HEAP_MIB = 1_024;
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public String method() {
        return "Sessions that say nothing, and are pinged so rarely that " + Report.number(HEARTBEATS_PER_SECOND, 0)
                + " heartbeats a second are answered whatever their number. Each measurement is one of " + FEWEST
                + " sessions and one of that many, each in a fresh process. The table shows the worse of two ratios to the"
                + " former: heap per session, after collection and as a slope, and CPU time of the whole process per heartbeat."
                + " Beyond the descriptors of a process connections are synthetic: real event loops, handshakes, sessions,"
                + " wheels, engines and frames over a channel that answers pings itself instead of a kernel; its cost is in the"
                + " figures, and so is its memory.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison("growth", "cost of a session beside that of one of a thousand", Kind.MULTIPLE);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("growth", "worse ratio to 1,000", 1, 2),
                new Column("heapRatio", "heap ratio", 1, 2),
                new Column("cpuRatio", "CPU ratio", 1, 2),
                new Column("heap", "heap B/session", 1, 0),
                new Column("micros", "CPU µs/heartbeat", 1, 2),
                new Column("perSecond", "heartbeats/s", 1, 0),
                new Column("heapFewest", "heap B/session of 1,000", 1, 0),
                new Column("microsFewest", "CPU µs/heartbeat of 1,000", 1, 2));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        List<Cell> cells = new ArrayList<>();
        int most = pace.crowd() - FIRST;
        Stream.of(10_000, most)
                .filter(sessions -> sessions > 0 && sessions <= most)
                .forEach(sessions -> cells.add(cell("sockets", sessions, Contestants.EVERWIRE_SESSIONS)));
        SYNTHETIC.stream()
                .filter(sessions -> sessions <= LARGEST_ROUGH || !isRough(pace))
                .forEach(sessions -> cells.add(cell("synthetic", sessions, Contestants.EVERWIRE_SYNTHETIC)));
        return cells;
    }

    private static boolean isRough(Pace pace) {
        return pace.crowd() < Pace.FULL.crowd();
    }

    private static Cell cell(String table, int sessions, Contestant contestant) {
        return new Cell(
                table,
                Report.number(sessions, 0) + " sessions, " + table,
                List.of(),
                List.of(contestant),
                Map.of("sessions", Integer.toString(sessions)));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        int sessions = Integer.parseInt(cell.load().getOrDefault("sessions", "0"));
        requireMemory(heapMib(sessions));
        Costs few = costs(Math.min(FEWEST, sessions), contestant, arena, pace);
        Costs many = costs(sessions, contestant, arena, pace);
        return figures(few, many);
    }

    /** What a session takes, in bytes of heap, and a heartbeat, in microseconds, of which there were so many a second. */
    record Costs(double heap, double micros, double perSecond) {}

    static Map<String, Double> figures(Costs few, Costs many) {
        double heapRatio = many.heap() / few.heap();
        double cpuRatio = many.micros() / few.micros();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("growth", Math.max(heapRatio, cpuRatio));
        figures.put("heapRatio", heapRatio);
        figures.put("cpuRatio", cpuRatio);
        figures.put("heap", many.heap());
        figures.put("micros", many.micros());
        figures.put("perSecond", many.perSecond());
        figures.put("heapFewest", few.heap());
        figures.put("microsFewest", few.micros());
        return figures;
    }

    private static Costs costs(int sessions, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        int all = (FIRST + sessions) / 2 * 2;
        int intervalMillis = intervalMillis(all);
        String heap = heapMib(sessions) + "m";
        try (Arena.Server server =
                        arena.start(contestant, "-Dbench.pingMillis=" + intervalMillis, "-Xms" + heap, "-Xmx" + heap);
                Crowd crowd = contestant.equals(Contestants.EVERWIRE_SYNTHETIC)
                        ? new Synthetic(server)
                        : new Sockets(new Audience(arena, server, contestant, EchoService.PATH))) {
            crowd.grow(FIRST);
            pause(pace.settleSeconds());
            long before = server.ask("heap");
            crowd.grow(all);
            pause(Math.max(pace.settleSeconds(), 2 * pace.warmUpSeconds()));
            // Everybody's turn comes once.
            double seconds = Math.max(4 * pace.measureSeconds(), intervalMillis / 1e3);
            long pings = -crowd.pings();
            long cpu = -server.child().cpuNanos();
            long span = -System.nanoTime();
            pause(seconds);
            pings += crowd.pings();
            cpu += server.child().cpuNanos();
            span += System.nanoTime();
            if (pings == 0) {
                throw new IOException("no ping came within " + seconds + " s");
            }
            double slope = (server.ask("heap") - before) / (double) (all - FIRST);
            return new Costs(slope, cpu / 1e3 / pings, pings / (span / NANOS));
        }
    }

    /**
     * Returns the interval, without jitter, at which so many sessions are pinged as often as the table promises. A ping is due two ticks
     * of the wheel before its interval is over, and is sent at the next tick after that: one tick early, if the interval is a number of
     * ticks.
     */
    static int intervalMillis(int sessions) {
        int exact = (int) (1_000L * sessions / HEARTBEATS_PER_SECOND);
        return (Math.max(1, (exact + TICK_MILLIS / 2) / TICK_MILLIS) + 1) * TICK_MILLIS;
    }

    private static void pause(double seconds) {
        LockSupport.parkNanos((long) (seconds * NANOS));
    }

    private static int heapMib(int sessions) {
        return LEAST_HEAP_MIB + (int) ((long) sessions * BYTES_A_SESSION / MIB);
    }

    private static void requireMemory(int heapMib) throws IOException {
        if (!Files.isReadable(MEMORY)) {
            return;
        }
        long free = Files.readAllLines(MEMORY).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / KIB)
                .sum();
        if (free < heapMib + LEAST_HEAP_MIB) {
            throw new IOException("so many sessions need a heap of " + heapMib + " MiB, and this machine has " + free
                    + " MiB to spare; end other programs, or measure on a larger one");
        }
    }

    /** Clients that grow in number and answer pings. */
    private interface Crowd extends AutoCloseable {
        void grow(int sessions) throws IOException, InterruptedException;

        /** Returns how many pings were answered, and fails when somebody has gone. */
        long pings() throws IOException, InterruptedException;

        @Override
        void close();
    }

    private record Sockets(Audience audience) implements Crowd {
        @Override
        public void grow(int sessions) throws IOException, InterruptedException {
            audience.grow(sessions);
        }

        @Override
        public long pings() throws IOException, InterruptedException {
            return audience.pings();
        }

        @Override
        public void close() {
            audience.close();
        }
    }

    private record Synthetic(Arena.Server server) implements Crowd {
        /** So many for each answer that is waited for. */
        private static final int STEP = 20_000;

        @Override
        public void grow(int sessions) throws IOException, InterruptedException {
            for (int i = STEP; i < sessions; i += STEP) {
                server.ask("grow " + i);
            }
            server.ask("grow " + sessions);
        }

        @Override
        public long pings() throws IOException, InterruptedException {
            return server.ask("pings");
        }

        @Override
        public void close() {}
    }
}
