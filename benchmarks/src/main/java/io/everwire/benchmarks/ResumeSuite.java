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

/** What it costs to go on after a cut: messages that are sent again, and sessions that are resumed. */
final class ResumeSuite implements SoloSuite {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final double MICROS = 1e3;
    private static final double MILLIS = 1e6;
    private static final int CROWD = 1_000;
    /** A server that gets no core for a while must not refuse what it is told to send. */
    private static final int QUEUE = 10_000;
    /** How long the cut lasts. */
    private static final long CUT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    @Override
    public String name() {
        return "resume";
    }

    @Override
    public String method() {
        return "Everwire's clients behind a link of Everwire's fault proxy. In the table replay, the server sends messages that the link"
                + " swallows; then the link is cut, and healed after 0.3 s. Beside it the same messages are sent to a client without a"
                + " session and without a cut. Of both, the time from the first message that the client receives to the last,"
                + " for each but the first. In the table crowd, all clients are cut off and come back: server CPU for each from"
                + " the heal on, beside clients without sessions. Several cuts follow one another and are averaged, after two"
                + " that do not count.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison(
                "micros", "µs per replayed message or resumed session, as a ratio to a plain one", Kind.COST);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("micros", "µs each", 1, 2),
                new Column("healMillis", "heal to last ms", 1, 1),
                new Column("perSecond", "messages/s", 1, 0),
                new Column("megabytes", "MB/s", 1, 1),
                new Column("serverMicros", "server CPU µs each", 1, 1));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        int crowd = Math.min(CROWD, pace.crowd());
        return List.of(
                replay(10, 100),
                replay(1_000, 100),
                // Charged 64 bytes each, these are both the default window's 1,024 messages and its 1 MiB.
                replay(1_024, 960),
                new Cell(
                        "crowd",
                        Report.number(crowd, 0) + " clients at once",
                        List.of(Contestants.EVERWIRE),
                        List.of(Contestants.EVERWIRE_SESSIONS),
                        Map.of("clients", Integer.toString(crowd), "messages", "0", "bytes", "0")));
    }

    private static Cell replay(int messages, int bytes) {
        return new Cell(
                "replay",
                Report.number(messages, 0) + " messages of " + bytes + " B",
                List.of(Contestants.EVERWIRE),
                List.of(Contestants.EVERWIRE_SESSIONS),
                Map.of("clients", "1", "messages", Integer.toString(messages), "bytes", Integer.toString(bytes)));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        int clients = Integer.parseInt(cell.load().getOrDefault("clients", "1"));
        boolean isResuming = contestant.equals(Contestants.EVERWIRE_SESSIONS);
        try (Arena.Server server = arena.start(contestant, "-Dbench.queue=" + QUEUE);
                Child load = arena.startLoad(
                        "resume",
                        "port=" + server.port(),
                        "path=" + EchoService.GROUP,
                        "clients=" + clients,
                        "sessions=" + isResuming)) {
            ask(load, "connect");
            int cuts = (int) Math.max(2, 4 * pace.measureSeconds());
            Run run = new Run(
                    server,
                    load,
                    Integer.parseInt(cell.load().getOrDefault("messages", "0")),
                    Integer.parseInt(cell.load().getOrDefault("bytes", "0")),
                    clients);
            run.repeat(2, isResuming);
            return run.repeat(cuts, isResuming);
        }
    }

    private static long[] ask(Child load, String order) throws IOException, InterruptedException {
        String line = load.ask(order, PATIENCE);
        if (!line.startsWith("at ")) {
            throw new IOException(line.startsWith("failed ") ? line.substring("failed ".length()) : line);
        }
        String[] words = line.substring("at ".length()).split(" ", -1);
        long[] values = new long[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Long.parseLong(words[i]);
        }
        return values;
    }

    /** Sums over the cuts of a measurement. */
    private static final class Run {
        private final Arena.Server server;
        private final Child load;
        private final int messages;
        private final int size;
        private final int clients;
        private double spentNanos;
        private double healNanos;
        private double cpuNanos;
        private double bytes;

        Run(Arena.Server server, Child load, int messages, int size, int clients) {
            this.server = server;
            this.load = load;
            this.messages = messages;
            this.size = size;
            this.clients = clients;
        }

        Map<String, Double> repeat(int cuts, boolean isResuming) throws IOException, InterruptedException {
            spentNanos = 0;
            healNanos = 0;
            cpuNanos = 0;
            bytes = 0;
            for (int i = 0; i < cuts; i++) {
                if (messages == 0 || isResuming) {
                    comeBack();
                } else {
                    send();
                }
            }
            return figures(cuts);
        }

        private void comeBack() throws IOException, InterruptedException {
            ask(load, "begin");
            if (messages > 0) {
                ask(load, "hold");
                broadcast();
            }
            ask(load, "cut");
            LockSupport.parkNanos(CUT_NANOS);
            cpuNanos -= server.child().cpuNanos();
            long healed = ask(load, "heal")[0];
            long[] done = ask(load, "await " + messages);
            cpuNanos += server.child().cpuNanos();
            spentNanos += done[1] - done[0];
            healNanos += done[1] - healed;
            bytes += done[2];
        }

        private void send() throws IOException, InterruptedException {
            ask(load, "begin");
            broadcast();
            long[] done = ask(load, "await " + messages);
            spentNanos += done[1] - done[0];
            bytes += done[2];
        }

        private void broadcast() throws IOException, InterruptedException {
            server.ask("broadcast " + messages + " " + size);
        }

        private Map<String, Double> figures(int cuts) {
            Map<String, Double> figures = new LinkedHashMap<>();
            if (healNanos > 0) {
                figures.put("healMillis", healNanos / MILLIS / cuts);
            }
            if (messages == 0) {
                double micros = cpuNanos / MICROS / (cuts * (double) clients);
                figures.put("micros", micros);
                figures.put("serverMicros", micros);
            } else {
                // The clock begins with the first message, and does not count it.
                double each = cuts * (messages - 1.0);
                figures.put("micros", spentNanos / MICROS / each);
                figures.put("perSecond", each * TimeUnit.SECONDS.toNanos(1) / spentNanos);
                figures.put("megabytes", bytes * (messages - 1) / messages * MICROS / spentNanos);
            }
            return figures;
        }
    }
}
