package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** All clients of a killed server come back, to the next one or to another. */
final class StormSuite implements SoloSuite {
    private static final int CROWD = 15_000;
    /** A survivor has one client of its own for so many that come: of the 20,000 files of a process it needs 18,000. */
    private static final int SHARE_OF_OTHERS = 5;

    /** Strikes that do not count: the clients' compilers have to see what a storm is like. */
    private static final int REHEARSALS = 3;

    @Override
    public String name() {
        return "storm";
    }

    @Override
    public String method() {
        return "Everwire's clients, in one process, of a server that is killed and started again at once, four times: the last"
                + " time counts, from the moment when the new server listens until 99 % of the clients are back. Where they go to"
                + " one with others, they do so the last time: it is warm, has connections of its own, and time runs from the kill. The"
                + " ratio is that time to what the same handshakes would take at the peak rate: that of a warm server without storm"
                + " control under the load of the suite herd. An attempt is what came to a listening server; lost again are clients"
                + " that were back and lost their connection in the storm, survivors lost connections of the others that ended.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison(
                "ratio", "time until 99 % are back, as a ratio to clients ÷ peak handshake rate", Kind.MULTIPLE);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("ratio", "time ÷ (clients ÷ peak rate)", 1, 2),
                new Column("attempts", "attempts/client", 1, 2),
                new Column("lostAgain", "lost again", 1, 0),
                new Column("survivorsLost", "survivors lost", 1, 0),
                new Column("back50", "50 % back s", 1, 2),
                new Column("back99", "99 % back s", 1, 2),
                new Column("backAll", "all back s", 1, 2),
                new Column("peakPerSecond", "peak handshakes/s", 1, 0),
                new Column("putOff", "given a slot", 1, 0),
                new Column("failed", "failed otherwise", 1, 0),
                new Column("refused", "refused connects/client", 1, 2),
                new Column("listenOverflows", "overflows", 1, 0));
    }

    @Override
    public List<Cell> cells(Pace pace) {
        int clients = pace.crowd() < CROWD ? pace.crowd() / 2 : CROWD;
        int others = clients / SHARE_OF_OTHERS;
        String all = Report.number(clients, 0) + " clients of a killed server";
        return List.of(
                cell(all, clients, 0),
                cell(all + " go to one with " + Report.number(others, 0) + " others", clients, others));
    }

    private static Cell cell(String name, int clients, int others) {
        return new Cell(
                "killed",
                name,
                List.of(),
                List.of(Contestants.EVERWIRE),
                Map.of("clients", Integer.toString(clients), "others", Integer.toString(others)));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        int clients = number(cell, "clients");
        int others = number(cell, "others");
        Double peakPerSecond = HerdSuite.figures(
                        contestant, Math.min(HerdSuite.MOST, clients), arena, pace, "-Dbench.storm=off")
                .get("perSecond");
        if (peakPerSecond == null) {
            throw new IOException("the herd told no rate; measure again");
        }
        if (others == 0) {
            try (Storm storm = rehearsed(contestant, clients, arena, pace)) {
                return storm.strike(peakPerSecond);
            }
        }
        try (Arena.Server survivor = Storm.start(arena, contestant, 0)) {
            HerdSuite.figures(contestant, survivor, Math.min(HerdSuite.MOST, clients), arena, pace);
            try (Storm storm = rehearsed(contestant, clients, arena, pace)) {
                return storm.scatter(survivor, others, peakPerSecond);
            }
        }
    }

    private static Storm rehearsed(Contestant contestant, int clients, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        Storm storm = new Storm(arena, contestant, clients, pace);
        try {
            storm.connect();
            for (int i = 0; i < REHEARSALS; i++) {
                storm.strike();
            }
            return storm;
        } catch (IOException | InterruptedException e) {
            storm.close();
            throw e;
        }
    }

    private static int number(Cell cell, String setting) {
        return Integer.parseInt(cell.load().getOrDefault(setting, "0"));
    }

    /** What one client has lived through; when it was back, by the wall clock. */
    record Life(long backMillis, int putOff, int failed, int refused, int lostAgain) {
        static Life of(String told) {
            String[] values = told.split(",", -1);
            return new Life(
                    Long.parseLong(values[0]),
                    Integer.parseInt(values[1]),
                    Integer.parseInt(values[2]),
                    Integer.parseInt(values[3]),
                    Integer.parseInt(values[4]));
        }
    }

    /** Returns what came of a storm that was possible from this moment on: the next server listened, and the last one was gone. */
    static Map<String, Double> figures(List<Life> lives, long possibleMillis, double peakPerSecond) {
        long[] back = backMillis(lives);
        double count = lives.size();
        // Who was let in met a server that listened.
        long since = Math.min(possibleMillis, back[0]);
        double back99 = seconds(back, 0.99, since);
        double others =
                lives.stream().mapToInt(life -> life.putOff() + life.failed()).sum();
        return Map.of(
                "ratio",
                back99 * peakPerSecond / count,
                "attempts",
                1 + others / count,
                "lostAgain",
                (double) lives.stream().mapToInt(Life::lostAgain).sum(),
                "back50",
                seconds(back, 0.5, since),
                "back99",
                back99,
                "backAll",
                seconds(back, 1, since),
                "peakPerSecond",
                peakPerSecond,
                "putOff",
                (double) lives.stream().mapToInt(Life::putOff).sum(),
                "failed",
                (double) lives.stream().mapToInt(Life::failed).sum(),
                "refused",
                lives.stream().mapToInt(Life::refused).sum() / count);
    }

    private static long[] backMillis(List<Life> lives) {
        return lives.stream().mapToLong(Life::backMillis).sorted().toArray();
    }

    private static double seconds(long[] sorted, double part, long since) {
        return (sorted[(int) Math.ceil(part * sorted.length) - 1] - since) / 1e3;
    }
}
