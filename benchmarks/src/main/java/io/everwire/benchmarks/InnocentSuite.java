package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import io.everwire.benchmarks.contestants.EchoService;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Whether anybody is given up because one's own process stood still. */
final class InnocentSuite implements SoloSuite {
    private static final long SEED = 2;
    private static final int PAUSES = 100;
    private static final int FEW_PAUSES = 5;
    private static final int SESSIONS = 1_000;
    private static final int PAUSE_MILLIS = 2_000;
    private static final int LEAST_REST_MILLIS = 600;
    private static final int REST_SPREAD_MILLIS = 1_500;
    private static final int LAST_REST_MILLIS = 5_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** Who stands still has a bound that is shorter than the pause. */
    private static final String[] STRICT = {"1000", "500"};
    /** Who goes on waits longer than the pause, and only just. */
    private static final String[] PATIENT = {"1000", "2500"};

    @Override
    public String name() {
        return "detect-innocent";
    }

    @Override
    public String method() {
        return "A server and a process with idle sessions of Everwire's client, both of which judge each other. One of them is"
                + " stopped for 2 s (SIGSTOP, SIGCONT), again and again, with 0.6 to 2.1 s in between. The one that stands still"
                + " pings after 1 s and waits 0.5 s: by its clock every peer has been silent for longer than the bound. The"
                + " other one pings after 1 s and waits 2.5 s. Nobody deserves to be cut off, unless the other one had no core for"
                + " longer than is waited for it.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison("cutOff", "innocent connections that were cut off", Kind.AMOUNT);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("cutOff", "cut off", 1, 0),
                new Column("judged", "judged dead by the server", 1, 0),
                new Column("stall", "the other's longest stall ms", 1, 0),
                new Column("pauses", "pauses", 1, 0),
                new Column("sessions", "sessions", 1, 0));
    }

    @Override
    public Pace pace(Pace usual) {
        return usual.withRounds(1);
    }

    @Override
    public List<Cell> cells(Pace pace) {
        int pauses = pace.crowd() < Pace.FULL.crowd() ? FEW_PAUSES : PAUSES;
        return List.of(cell("server", pauses), cell("clients", pauses));
    }

    private static Cell cell(String who, int pauses) {
        return new Cell(
                "innocent",
                who + " stopped " + pauses + " × 2 s",
                List.of(),
                List.of(Contestants.EVERWIRE),
                Map.of("who", who, "pauses", Integer.toString(pauses)));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        boolean isServer = "server".equals(cell.load().get("who"));
        int pauses = Integer.parseInt(cell.load().getOrDefault("pauses", "0"));
        String[] servers = isServer ? STRICT : PATIENT;
        String[] clients = isServer ? PATIENT : STRICT;
        try (Arena.Server server = arena.start(
                        contestant, "-Dbench.pingMillis=" + servers[0], "-Dbench.timeoutMillis=" + servers[1]);
                Child sessions = arena.startSessions(
                        "ws://127.0.0.1:" + server.port() + EchoService.WATCH,
                        Integer.toString(SESSIONS),
                        clients[0],
                        clients[1])) {
            sessions.line(PATIENCE);
            server.ask("watch");
            Random random = new Random(SEED);
            Child stopped = isServer ? server.child() : sessions;
            for (int i = 0; i < pauses; i++) {
                Outages.rest(LEAST_REST_MILLIS + random.nextInt(REST_SPREAD_MILLIS));
                stopped.standStill();
                try {
                    Outages.rest(PAUSE_MILLIS);
                } finally {
                    stopped.goOn();
                }
            }
            Outages.rest(LAST_REST_MILLIS);
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("cutOff", Double.valueOf(sessions.ask("lost", PATIENCE)));
            figures.put("judged", (double) server.ask("judged"));
            figures.put(
                    "stall", isServer ? Double.valueOf(sessions.ask("stall", PATIENCE)) : (double) server.ask("stall"));
            figures.put("pauses", (double) pauses);
            figures.put("sessions", (double) SESSIONS);
            return figures;
        }
    }
}
