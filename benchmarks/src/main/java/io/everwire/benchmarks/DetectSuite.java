package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.contestants.EchoService;
import io.everwire.benchmarks.load.Readings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** How long after its bound a server gives up peers that have fallen silent, thousands at once. */
final class DetectSuite implements SoloSuite {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    /** What a process has open beside its connections, generously. */
    private static final int OTHER_FILES = 1_000;

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long POLL_NANOS = 200 * MILLI;
    private static final long LATEST_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int SHIPPED_PING_MILLIS = 15_000;
    private static final int SHIPPED_TIMEOUT_MILLIS = 10_000;

    @Override
    public String name() {
        return "detect";
    }

    @Override
    public String method() {
        return "Idle connections whose peers all fall silent at once: mute, they say nothing any more while TCP acknowledges;"
                + " cut, every TCP segment is dropped as well, in a network of the run's own. For each connection the time from"
                + " its client's last write, taken before the write, to the server's event of its end, less the policy's"
                + " interval and time-out: negative is earlier. The 50 ms that are promised beside them for the wheel are"
                + " not subtracted. Without jitter, but as shipped, where it brings verdicts up to 3 s early. What is"
                + " measured is the second crowd of a process; the first one, whose verdicts the JVM has not compiled, has a"
                + " column of its own.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison(
                "p999", "milliseconds from the bound to the verdict, 99.9 % of all verdicts", Kind.AMOUNT);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("p999", "99.9 % ms", 1, 1),
                new Column("least", "earliest ms", 1, 1),
                new Column("p50", "median ms", 1, 1),
                new Column("p99", "99 % ms", 1, 1),
                new Column("worst", "worst ms", 1, 1),
                new Column("first", "99.9 % ms of the first crowd", 1, 1),
                new Column("verdicts", "verdicts", 1, 0),
                new Column("graces", "after a grace", 1, 0),
                new Column("stall", "longest stall ms", 1, 0));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        int connections = Math.min(pace.crowd(), openFiles() - OTHER_FILES) / 2 * 2;
        return List.of(
                cell(connections, false, 1_000, 500),
                cell(connections, false, 5_000, 2_000),
                cell(connections, true, 5_000, 2_000),
                cell(connections, true, SHIPPED_PING_MILLIS, SHIPPED_TIMEOUT_MILLIS));
    }

    static Cell cell(int connections, boolean isCut, int pingMillis, int timeoutMillis) {
        return new Cell(
                "silent",
                Report.number(connections, 0) + " peers " + (isCut ? "cut" : "mute") + ", pings " + seconds(pingMillis)
                        + " / " + seconds(timeoutMillis),
                List.of(),
                List.of(Contestants.EVERWIRE),
                Map.of(
                        "connections", Integer.toString(connections),
                        "isCut", Boolean.toString(isCut),
                        "pingMillis", Integer.toString(pingMillis),
                        "timeoutMillis", Integer.toString(timeoutMillis)));
    }

    private static String seconds(int millis) {
        return BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString() + " s";
    }

    /** Returns how many files a process may have open. */
    private static int openFiles() {
        try {
            return Files.readAllLines(LIMITS).stream()
                    .filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split(" {2,}", -1)[2])
                    .filter(limit -> limit.matches("\\d{1,9}"))
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(Integer.MAX_VALUE);
        } catch (IOException e) {
            // No Linux: there is no telling.
            return Integer.MAX_VALUE;
        }
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        if (!Boolean.parseBoolean(cell.load().get("isCut"))) {
            return measure(cell, contestant, arena, (Namespace) null);
        }
        try (Namespace network = Namespace.make()) {
            return measure(cell, contestant, arena.in(network), network);
        }
    }

    private static Map<String, Double> measure(
            Cell cell, Contestant contestant, Arena arena, @Nullable Namespace network)
            throws IOException, InterruptedException {
        int connections = number(cell, "connections");
        long interval = number(cell, "pingMillis") * MILLI;
        long bound = interval + number(cell, "timeoutMillis") * MILLI;
        boolean isShipped = number(cell, "pingMillis") == SHIPPED_PING_MILLIS;
        String[] pings = {
            "-Dbench.pingMillis=" + cell.load().get("pingMillis"),
            "-Dbench.timeoutMillis=" + cell.load().get("timeoutMillis")
        };
        try (Arena.Server server = arena.start(contestant, isShipped ? new String[0] : pings)) {
            // What a process does for the first time it does slowly, and nothing else is measured cold.
            Map<String, Double> first = silence(connections, interval, bound, contestant, arena, server, network);
            Map<String, Double> figures = silence(connections, interval, bound, contestant, arena, server, network);
            figures.put("first", first.getOrDefault("p999", Double.NaN));
            return figures;
        }
    }

    /** Lets as many peers connect, and fall silent. */
    private static Map<String, Double> silence(
            int connections,
            long interval,
            long bound,
            Contestant contestant,
            Arena arena,
            Arena.Server server,
            @Nullable Namespace network)
            throws IOException, InterruptedException {
        try (Audience audience = new Audience(arena, server, contestant, EchoService.WATCH)) {
            audience.grow(connections);
            // Until each has been pinged: then their last signs of life are spread over the interval.
            LockSupport.parkNanos(interval + LATEST_NANOS / 10);
            audience.pings();
            Readings before = Readings.take(server.child().pid());
            server.ask("watch");
            long ours = -server.child().cpuNanos() - audience.cpuNanos();
            audience.mute();
            dropEverything("-A", network);
            long until = System.nanoTime() + bound + LATEST_NANOS;
            while (server.ask("judged") < connections && System.nanoTime() < until) {
                LockSupport.parkNanos(POLL_NANOS);
            }
            ours += server.child().cpuNanos() + audience.cpuNanos();
            Readings span = Readings.take(server.child().pid()).since(before);
            Map<String, Double> figures =
                    figures(moments(audience.lives()), moments(List.of(server.tell("verdicts"))), bound);
            figures.put("graces", (double) server.ask("graces"));
            figures.put("stall", (double) server.ask("stall"));
            figures.put("othersBusy", span.othersBusy(ours));
            figures.put("stolen", span.stolenNanos() / (double) span.nanos());
            dropEverything("-D", network);
            return figures;
        }
    }

    /** Adds or deletes the rule that cuts a network; there is none where peers only fall mute. */
    private static void dropEverything(String verb, @Nullable Namespace network) throws IOException {
        if (network != null) {
            network.run("iptables", "-w", verb, "INPUT", "-i", "lo", "-p", "tcp", "-j", "DROP");
        }
    }

    /** Returns when something was, for each connection, in nanoseconds of the machine's monotonic clock, which all processes share. */
    private static Map<Integer, Long> moments(List<String> lines) {
        Map<Integer, Long> moments = new HashMap<>();
        lines.stream()
                .flatMap(line -> Arrays.stream(line.split(" ", -1)))
                .filter(moment -> !moment.isEmpty())
                .map(moment -> moment.split(":", 2))
                .forEach(moment -> moments.put(Integer.valueOf(moment[0]), Long.valueOf(moment[1])));
        return moments;
    }

    static Map<String, Double> figures(Map<Integer, Long> lives, Map<Integer, Long> verdicts, long bound)
            throws IOException {
        List<Double> late = lives.entrySet().stream()
                .filter(life -> verdicts.containsKey(life.getKey()))
                .map(life -> (verdicts.getOrDefault(life.getKey(), 0L) - life.getValue() - bound) / (double) MILLI)
                .toList();
        if (late.isEmpty() || late.size() < lives.size()) {
            // Whoever is left out would be the latest of all.
            throw new IOException(
                    "of " + lives.size() + " silent peers " + (lives.size() - late.size()) + " were never judged");
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("p50", Spread.quantile(late, 0.5));
        figures.put("p99", Spread.quantile(late, 0.99));
        figures.put("p999", Spread.quantile(late, 0.999));
        figures.put("least", Spread.of(late).least());
        figures.put("worst", Spread.of(late).most());
        figures.put("verdicts", (double) late.size());
        return figures;
    }

    private static int number(Cell cell, String key) {
        return Integer.parseInt(cell.load().getOrDefault(key, "0"));
    }
}
