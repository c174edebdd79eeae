package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Thousands of clients that come at once. */
final class HerdSuite implements SoloSuite {
    static final int MOST = 10_000;

    @Override
    public String name() {
        return "herd";
    }

    @Override
    public String method() {
        return "Waves of connections, each from its SYN to the last byte of the 101; a raw server returns the request's bytes."
                + " At most 3,500 wait at any moment, so that the kernel's queue of 4,096 never overflows (it says how often"
                + " it did). Sockets are made before and closed after the measured span. The ratio is handshakes per second to"
                + " the faster raw server in the same round.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison("perSecond", "handshakes per second, as a ratio to the faster raw echo", Kind.RATE);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("perSecond", "handshakes/s", 1, 0),
                new Column("serverMicros", "server CPU µs/handshake", 1, 1),
                new Column("p50", "p50 ms", 1e-3, 1),
                new Column("p99", "p99 ms", 1e-3, 1),
                new Column("listenOverflows", "overflows", 1, 0),
                new Column("serverBusy", "server busy %", 100, 0),
                new Column("loadBusy", "load busy %", 100, 0));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        List<Contestant> all = new ArrayList<>(List.of(Contestants.EVERWIRE));
        all.addAll(Contestants.TRANSPORTS);
        all.addAll(Contestants.RIVALS);
        int connections = Math.min(MOST, pace.crowd());
        return List.of(new Cell(
                "handshakes",
                Report.number(connections, 0) + " handshakes at once",
                Contestants.RAW,
                all,
                Map.of("connections", Integer.toString(connections))));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        return figures(contestant, Integer.parseInt(cell.load().getOrDefault("connections", "0")), arena, pace);
    }

    /** Measures one server that is started with these flags. */
    static Map<String, Double> figures(Contestant contestant, int connections, Arena arena, Pace pace, String... flags)
            throws IOException, InterruptedException {
        try (Arena.Server server = arena.start(contestant, flags)) {
            return figures(contestant, server, connections, arena, pace);
        }
    }

    /** Measures one server that is started already, and is warm afterwards. */
    static Map<String, Double> figures(
            Contestant contestant, Arena.Server server, int connections, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        return arena.run(
                moment -> {},
                "herd",
                "port=" + server.port(),
                "pid=" + server.child().pid(),
                "raw=" + contestant.isRaw(),
                "connections=" + connections,
                "warmUpWaves=" + pace.warmUpWaves(),
                "waves=" + pace.waves());
    }
}
