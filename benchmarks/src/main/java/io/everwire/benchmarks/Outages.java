package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.contestants.EchoService;
import io.everwire.benchmarks.load.Readings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients behind one cable, which is cut and healed for all of them. */
final class Outages implements JointSuite.Meeting {
    /** From this all lengths and pauses are drawn, those of a round always alike. */
    static final long SEED = 20;

    private static final double LEAST_SECONDS = 1;
    private static final double MOST_SECONDS = 60;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Long enough for every client to take its connection for stable, and random, so that a cut falls anywhere between pings. */
    private static final int LEAST_PAUSE_MILLIS = 5_500;

    private static final int PAUSE_SPREAD_MILLIS = 3_000;

    private final Cell cell;
    private final Arena arena;
    private final Cable cable;
    private final Arena.Server server;
    private final List<Returner> returners = new ArrayList<>();

    private Outages(Cell cell, Arena arena, Cable cable, Arena.Server server) {
        this.cell = cell;
        this.arena = arena;
        this.cable = cable;
        this.server = server;
    }

    /** Lays a cable, starts the server and all clients, and waits until each has been answered. */
    static Outages begin(Cell cell, List<Contestant> contestants, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        Cable cable = Cable.lay(arena.log("router"));
        Outages outages;
        try {
            outages = new Outages(
                    cell,
                    arena,
                    cable,
                    arena.in(cable.server())
                            .start(Contestants.EVERWIRE, "-Dbench.host=0.0.0.0", "-Dbench.article=true"));
        } catch (IOException | InterruptedException e) {
            cable.close();
            throw e;
        }
        try {
            for (Contestant contestant : contestants) {
                outages.returners.add(outages.start(contestant));
            }
            return outages;
        } catch (IOException | InterruptedException e) {
            outages.close();
            throw e;
        }
    }

    private Returner start(Contestant contestant) throws IOException, InterruptedException {
        Child child = arena.in(cable.clients()).startClient(contestant, Cable.SERVER, server.port(), EchoService.PATH);
        Returner returner = new Returner(contestant, child);
        try {
            returner.await(event -> event.isAfter(0, "answered"), PATIENCE);
            return returner;
        } catch (IOException | InterruptedException e) {
            returner.close();
            throw e;
        }
    }

    /** Returns how long the outage of a round is. */
    static double seconds(int round) {
        double drawn = new Random(SEED).doubles().skip(round - 1).findFirst().orElseThrow();
        return LEAST_SECONDS * Math.pow(MOST_SECONDS / LEAST_SECONDS, drawn);
    }

    @Override
    public Map<String, Measurement> measure(int round) throws IOException, InterruptedException {
        rest(LEAST_PAUSE_MILLIS + new Random(-SEED - round).nextInt(PAUSE_SPREAD_MILLIS));
        returners.forEach(Returner::forget);
        Readings before = Readings.take(server.child().pid());
        long ours = -cpuNanos();
        long cut = cable.cut();
        rest((long) (seconds(round) * TimeUnit.SECONDS.toMillis(1)));
        long heal = cable.heal();
        Readings span = Readings.take(server.child().pid()).since(before);
        double others = span.othersBusy(ours + cpuNanos());
        Map<String, Measurement> found = new LinkedHashMap<>();
        for (int i = 0; i < returners.size(); i++) {
            Returner returner = returners.get(i);
            String name = returner.contestant().name();
            try {
                Map<String, Double> figures = figures(returner, cut, heal);
                figures.put("othersBusy", others);
                found.put(name, Measurement.of(cell.name(), name, round, figures));
            } catch (IOException e) {
                found.put(name, Measurement.failed(cell.name(), name, round, String.valueOf(e.getMessage())));
                returner.close();
                returners.set(i, start(returner.contestant()));
            }
        }
        return found;
    }

    private long cpuNanos() {
        return server.child().cpuNanos()
                + returners.stream().mapToLong(Returner::cpuNanos).sum();
    }

    private static Map<String, Double> figures(Returner returner, long cut, long heal)
            throws IOException, InterruptedException {
        long back = returner.await(event -> event.isAfter(heal, "answered"), PATIENCE)
                .epochMillis();
        Optional<Returner.Event> lost =
                returner.find(event -> event.isAfter(cut, "lost") && event.epochMillis() <= back);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("outage", (heal - cut) / 1e3);
        figures.put("added", (double) (back - heal));
        figures.put("kept", lost.isPresent() ? 0.0 : 1.0);
        lost.ifPresent(event -> figures.put("noticed", (double) (event.epochMillis() - cut)));
        return figures;
    }

    static void rest(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        returners.forEach(Returner::close);
        server.close();
        cable.close();
    }
}
