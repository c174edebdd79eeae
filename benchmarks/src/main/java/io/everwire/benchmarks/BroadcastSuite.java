package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.contestants.EchoService;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One message to everybody. */
final class BroadcastSuite implements SoloSuite {
    private static final int MOST = 10_000;
    private static final int BYTES = 100;
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int FRAME_BYTES = 2 + BYTES;

    @Override
    public String name() {
        return "broadcast";
    }

    @Override
    public String method() {
        return "A message of 100 bytes to every connection, again when all have it. The ratio is the server's CPU time for each"
                + " recipient to that of a loop over Netty channels that writes the same bytes.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison("serverMicros", "server CPU per recipient, as a ratio to a bare writer", Kind.COST);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("serverMicros", "server CPU µs/recipient", 1, 2),
                new Column("perSecond", "recipients/s", 1, 0),
                new Column("broadcasts", "broadcasts", 1, 0));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        return List.of(new Cell(
                "group",
                "to " + Report.number(Math.min(MOST, pace.crowd()), 0) + " connections",
                List.of(Contestants.BARE_WRITER),
                List.of(Contestants.EVERWIRE),
                Map.of()));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        try (Arena.Server server = arena.start(contestant);
                Audience audience = new Audience(arena, server, contestant, EchoService.GROUP)) {
            int members = Math.min(MOST, pace.crowd()) / 2 * 2;
            audience.grow(members);
            awaitAudience(server, members);
            long broadcasts = send(server, audience, members, 0, pace.warmUpSeconds());
            long cpu = -HeartbeatSuite.cpuNanos(server);
            long span = -System.nanoTime();
            long before = broadcasts;
            broadcasts = send(server, audience, members, before, pace.measureSeconds());
            cpu += HeartbeatSuite.cpuNanos(server);
            span += System.nanoTime();
            double recipients = (broadcasts - before) * (double) members;
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("serverMicros", cpu / 1e3 / recipients);
            figures.put("perSecond", recipients * TimeUnit.SECONDS.toNanos(1) / span);
            figures.put("broadcasts", (double) (broadcasts - before));
            return figures;
        }
    }

    /** A client is connected before its server knows of it. */
    private static void awaitAudience(Arena.Server server, int members) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        for (long there = 0; there < members; there = server.ask("audience")) {
            if (System.nanoTime() - begun > LONGEST_WAIT_NANOS) {
                throw new IOException("of " + members + " connections only " + there + " would hear a broadcast");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static long send(Arena.Server server, Audience audience, int members, long before, double seconds)
            throws IOException, InterruptedException {
        long broadcasts = before;
        long begun = System.nanoTime();
        do {
            server.ask("broadcast 1 " + BYTES);
            broadcasts++;
            audience.await(broadcasts * members * FRAME_BYTES);
        } while (System.nanoTime() - begun < seconds * TimeUnit.SECONDS.toNanos(1));
        return broadcasts;
    }
}
