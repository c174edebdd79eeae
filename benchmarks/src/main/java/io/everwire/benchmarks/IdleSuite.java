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

/** What a connection takes that does nothing. */
final class IdleSuite implements SoloSuite {
    /** For memory that is given back when it is free, so that the process's size means something. */
    private static final String[] SMALL_HEAP = {"-Xms16m", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10"};

    private static final int FIRST_PART = 4;
    private static final long KIB = 1 << 10;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String method() {
        return "The heap after collection, and the resident size of the process, with a quarter of the connections and with all of"
                + " them: the slope is what one connection takes. Everwire's connections have a heartbeat, the others have"
                + " none; the baseline is a Netty channel with one empty handler. Kernel memory is not in it.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison("heap", "heap bytes per idle connection", Kind.AMOUNT);
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("heap", "heap B/connection", 1, 0), new Column("resident", "RSS B/connection", 1, 0));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        List<Contestant> all = new ArrayList<>(List.of(Contestants.EVERWIRE, Contestants.EVERWIRE_SESSIONS));
        all.addAll(Contestants.RIVALS);
        return List.of(new Cell(
                "memory",
                Report.number(pace.crowd(), 0) + " idle connections",
                List.of(Contestants.BARE_NETTY),
                all,
                Map.of()));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        try (Arena.Server server = arena.start(contestant, SMALL_HEAP);
                Audience audience = new Audience(arena, server, contestant, EchoService.PATH)) {
            int few = pace.crowd() / FIRST_PART / 2 * 2;
            int all = pace.crowd() / 2 * 2;
            audience.grow(few);
            long[] before = memory(server, pace);
            audience.grow(all);
            long[] after = memory(server, pace);
            audience.pings();
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("heap", (after[0] - before[0]) / (double) (all - few));
            figures.put("resident", (after[1] - before[1]) / (double) (all - few));
            return figures;
        }
    }

    /** Returns the heap and the resident size, in bytes. */
    private static long[] memory(Arena.Server server, Pace pace) throws IOException, InterruptedException {
        LockSupport.parkNanos((long) (pace.settleSeconds() * TimeUnit.SECONDS.toNanos(1)));
        long heap = server.ask("heap");
        return new long[] {heap, resident(server.child().pid())};
    }

    private static long resident(long pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
                .sum();
    }
}
