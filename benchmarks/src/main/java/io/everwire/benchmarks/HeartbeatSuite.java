package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.contestants.EchoService;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What heartbeats cost a server. */
final class HeartbeatSuite implements SoloSuite {
    private static final int PING_MILLIS = 1_000;
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    @Override
    public String name() {
        return "heartbeat";
    }

    @Override
    public String method() {
        return "Idle connections, each pinged every second and answering. The ratio is the server's CPU time for each answered ping"
                + " to that of a loop over Netty channels that writes pings and judges nobody.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison(
                "serverMicros", "server CPU per heartbeat, as a ratio to a bare writer of pings", Kind.COST);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("serverMicros", "server CPU µs/heartbeat", 1, 2),
                new Column("perSecond", "heartbeats/s", 1, 0),
                new Column("serverBusy", "server busy %", 100, 1));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        return List.of(new Cell(
                "pings",
                Report.number(pace.crowd(), 0) + " connections pinged each second",
                List.of(Contestants.BARE_WRITER),
                List.of(Contestants.EVERWIRE, Contestants.EVERWIRE_SESSIONS),
                Map.of()));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        try (Arena.Server server = arena.start(contestant, "-Dbench.pingMillis=" + PING_MILLIS);
                Audience audience = new Audience(arena, server, contestant, EchoService.PATH)) {
            audience.grow(pace.crowd());
            LockSupport.parkNanos((long) (2 * pace.warmUpSeconds() * NANOS));
            long pings = -audience.pings();
            long cpu = -cpuNanos(server);
            long span = -System.nanoTime();
            LockSupport.parkNanos((long) (2 * pace.measureSeconds() * NANOS));
            pings += audience.pings();
            cpu += cpuNanos(server);
            span += System.nanoTime();
            if (pings == 0) {
                throw new IOException("no ping came");
            }
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("serverMicros", cpu / 1e3 / pings);
            figures.put("perSecond", pings / (span / NANOS));
            figures.put("serverBusy", cpu / (double) span);
            return figures;
        }
    }

    static long cpuNanos(Arena.Server server) {
        return ProcessHandle.of(server.child().pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toNanos)
                .orElse(0L);
    }
}
