package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A suite that measures nothing: each contestant has the figures that it is given. */
final class Pretended implements SoloSuite {
    static final Cell CELL = new Cell(
            "main",
            "a row",
            List.of(Contestants.RAW_NETTY, Contestants.RAW_NIO),
            List.of(Contestants.EVERWIRE, Contestants.JETTY),
            Map.of());

    final List<String> asked = new ArrayList<>();
    /** Who is disturbed, once. */
    final List<String> disturbed = new ArrayList<>();

    private final Kind kind;

    Pretended(Kind kind) {
        this.kind = kind;
    }

    static Results results(Path directory) {
        return Results.fresh(directory.resolve("pretended.json"), Map.of("JDK", "17"));
    }

    static Measurement measurement(Contestant contestant, int round, double perSecond) {
        return Measurement.of(
                CELL.name(),
                contestant.name(),
                round,
                Map.of(
                        "perSecond",
                        perSecond,
                        "serverMicros",
                        contestant.equals(Contestants.EVERWIRE) ? 2.5 : 2.0,
                        "serverBusy",
                        0.5,
                        "loadBusy",
                        0.5,
                        "p50",
                        1_234.5));
    }

    @Override
    public String name() {
        return "pretended";
    }

    @Override
    public String method() {
        return "Nothing is measured.";
    }

    @Override
    public List<Cell> cells(Pace pace) {
        return List.of(CELL);
    }

    @Override
    public Comparison comparison() {
        return new Comparison("perSecond", "pretended messages", kind);
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("p50", "p50 ms", 1e-3, 1));
    }

    @Override
    public Map<String, Double> measure(Cell cell, Contestant contestant, Arena arena, Pace pace) throws IOException {
        asked.add(contestant.name());
        if (contestant.equals(Contestants.JETTY)) {
            throw new IOException("it hung up");
        }
        return Map.of("p50", 1_234.5, "othersBusy", disturbed.remove(contestant.name()) ? 0.06 : 0.04);
    }
}
