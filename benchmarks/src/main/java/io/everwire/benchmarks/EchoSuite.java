package io.everwire.benchmarks;

import io.everwire.CompressionPolicy;
import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.contestants.EchoService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages there and back. */
final class EchoSuite implements SoloSuite {
    private static final List<Integer> SIZES = List.of(16, 64, 1 << 10, 16 << 10, 64 << 10);
    /** Below the least that is worth compressing, and above it. */
    private static final List<Integer> DEFLATED = List.of(64, 1 << 10, 16 << 10);

    private static final List<Integer> IN_FLIGHT = List.of(1, 16, 64);
    private static final int CROWD = 8_000;
    /** From this size on fewer connections saturate the server. */
    private static final int LARGE = 16 << 10;

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public String method() {
        return "Each connection keeps its number of messages in flight; for each that comes back another one is sent."
                + " The ratio is messages per second to the faster of two servers that return bytes without WebSocket"
                + " (raw Netty, raw NIO) in the same round; for sessions, for permessage-deflate, and for 8,000 idle connections"
                + " beside the busy ones, to Everwire without them. Compressed messages of the table deflate look like JSON, stand"
                + " each by itself, and are compressed beforehand by the load; the server inflates and deflates each. What is shorter"
                + " than " + CompressionPolicy.DEFAULT.thresholdBytes()
                + " B is sent as it is in both directions.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison("perSecond", "messages per second, as a ratio to the baseline", Kind.RATE);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("perSecond", "messages/s", 1, 0),
                new Column("serverMicros", "server CPU µs/message", 1, 2),
                new Column("p50", "p50 µs", 1, 0),
                new Column("p99", "p99 µs", 1, 0),
                new Column("leastShare", "slowest connection's share %", 100, 0),
                new Column("allocated", "allocated B/message", 1, 1),
                new Column("serverBusy", "server busy %", 100, 0),
                new Column("loadBusy", "load busy %", 100, 0));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        List<Contestant> all = new ArrayList<>(List.of(Contestants.EVERWIRE));
        all.addAll(Contestants.TRANSPORTS);
        all.addAll(Contestants.RIVALS);
        List<Cell> cells = new ArrayList<>(List.of(
                cell("rivals", all, 64, false, 1),
                cell("rivals", all, 64, false, 16),
                cell("rivals", all, 16 << 10, false, 1)));
        for (int bytes : SIZES) {
            for (boolean isText : new boolean[] {false, true}) {
                for (int inFlight : IN_FLIGHT) {
                    cells.add(cell("matrix", List.of(Contestants.EVERWIRE), bytes, isText, inFlight));
                }
            }
        }
        List<Contestant> plain = List.of(Contestants.EVERWIRE);
        List<Contestant> resumable = List.of(Contestants.EVERWIRE_SESSIONS);
        cells.add(cell("sessions", plain, resumable, 128, false, 16));
        cells.add(cell("sessions", plain, resumable, 1 << 10, false, 16));
        for (int bytes : DEFLATED) {
            cells.add(json(bytes));
        }
        cells.add(cell("crowd", plain, List.of(Contestants.EVERWIRE_CROWDED), 64, false, 16));
        return cells;
    }

    static Cell cell(String table, List<Contestant> contestants, int bytes, boolean isText, int inFlight) {
        return cell(table, Contestants.RAW, contestants, bytes, isText, inFlight);
    }

    private static Cell cell(
            String table,
            List<Contestant> baselines,
            List<Contestant> contestants,
            int bytes,
            boolean isText,
            int inFlight) {
        int connections = bytes < LARGE ? 64 : 16;
        String size = bytes < 1 << 10 ? bytes + " B" : (bytes >> 10) + " KiB";
        Map<String, String> load = new LinkedHashMap<>();
        load.put("bytes", Integer.toString(bytes));
        load.put("text", Boolean.toString(isText));
        load.put("inFlight", Integer.toString(inFlight));
        load.put("connections", Integer.toString(connections));
        return new Cell(
                table,
                size + (isText ? " text" : " binary") + ", " + connections + " connections, " + inFlight + " in flight",
                baselines,
                contestants,
                load);
    }

    private static Cell json(int bytes) {
        Cell plain =
                cell("deflate", List.of(Contestants.EVERWIRE), List.of(Contestants.EVERWIRE_DEFLATE), bytes, true, 16);
        Map<String, String> load = new LinkedHashMap<>(plain.load());
        load.put("json", "true");
        load.put("threshold", Integer.toString(CompressionPolicy.DEFAULT.thresholdBytes()));
        return new Cell(
                plain.table(), plain.name().replace(" text,", " JSON,"), plain.baselines(), plain.contestants(), load);
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        try (Arena.Server server = arena.start(contestant);
                Audience crowd = new Audience(arena, server, contestant, EchoService.PATH)) {
            if (contestant.equals(Contestants.EVERWIRE_CROWDED)) {
                crowd.grow(Math.min(CROWD, pace.crowd()));
            }
            List<String> arguments = new ArrayList<>(List.of(
                    "echo",
                    "port=" + server.port(),
                    "pid=" + server.child().pid(),
                    "raw=" + contestant.isRaw(),
                    "sessions=" + contestant.equals(Contestants.EVERWIRE_SESSIONS),
                    "deflate=" + contestant.equals(Contestants.EVERWIRE_DEFLATE),
                    "warmUp=" + pace.warmUpSeconds(),
                    "measure=" + pace.measureSeconds()));
            cell.load().forEach((key, value) -> arguments.add(key + "=" + value));
            Map<String, Long> allocated = new LinkedHashMap<>();
            Map<String, Double> figures = arena.run(
                    moment -> allocated.put(moment, server.ask("allocated")), arguments.toArray(String[]::new));
            long bytes = allocated.getOrDefault("end", 0L) - allocated.getOrDefault("begin", 0L);
            figures.put("allocated", bytes / figures.getOrDefault("messages", 1.0));
            return figures;
        }
    }
}
