package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Measures all that is missing in some results, round by round, so that what changes on the machine changes for everybody. */
final class Runner {
    private final Suite suite;
    private final Pace pace;
    private final Results results;
    private final PrintWriter out;

    Runner(Suite suite, Pace pace, Results results, PrintWriter out) {
        this.suite = suite;
        this.pace = pace;
        this.results = results;
        this.out = out;
    }

    /** Measures in this arena. */
    void run(Arena arena, List<Cell> cells) throws IOException, InterruptedException {
        suite.measureBy(this, arena, cells);
    }

    /** Measures one contestant after the other, in rounds. */
    void runInTurns(SoloSuite solo, Arena arena, List<Cell> cells) throws IOException, InterruptedException {
        List<Turn> turns = turns(cells, pace.rounds());
        turns.removeIf(turn -> results.has(turn.cell().name(), turn.contestant().name(), turn.round()));
        int done = 0;
        for (Turn turn : turns) {
            done++;
            out.printf(
                    "%d/%d round %d: %s: %s … ",
                    done,
                    turns.size(),
                    turn.round(),
                    turn.cell().name(),
                    turn.contestant().name());
            out.flush();
            Measurement measurement = measure(solo, arena, turn);
            if (measurement.isDisturbed()) {
                out.print(said(measurement) + ", but disturbed; again … ");
                out.flush();
                measurement = measure(solo, arena, turn);
            }
            results.add(measurement);
            out.println(said(measurement));
            out.flush();
        }
    }

    /** Measures all contestants of a cell in each round at once. */
    void runTogether(JointSuite joint, Arena arena, Cell cell) throws IOException, InterruptedException {
        List<Contestant> all = Report.contestants(List.of(cell));
        List<Integer> rounds = IntStream.rangeClosed(1, pace.rounds())
                .filter(round -> !all.stream().allMatch(one -> results.has(cell.name(), one.name(), round)))
                .boxed()
                .toList();
        if (rounds.isEmpty()) {
            return;
        }
        try (JointSuite.Meeting meeting = joint.open(cell, all, arena, pace)) {
            for (int round : rounds) {
                out.printf("round %d of %d: %s%n", round, pace.rounds(), cell.name());
                out.flush();
                for (Measurement measurement : meeting.measure(round).values()) {
                    if (!results.has(cell.name(), measurement.contestant(), round)) {
                        results.add(measurement);
                    }
                    out.println("  " + measurement.contestant() + ": " + said(measurement));
                }
                out.flush();
            }
        }
    }

    private String said(Measurement measurement) {
        return measurement.hasFailed() ? measurement.failure() : told(measurement.figures());
    }

    private Measurement measure(SoloSuite solo, Arena arena, Turn turn) throws InterruptedException {
        String cell = turn.cell().name();
        String contestant = turn.contestant().name();
        try {
            return Measurement.of(
                    cell, contestant, turn.round(), solo.measure(turn.cell(), turn.contestant(), arena, pace));
        } catch (IOException e) {
            return Measurement.failed(cell, contestant, turn.round(), String.valueOf(e.getMessage()));
        }
    }

    private String told(Map<String, Double> figures) {
        Suite.Column first = suite.columns().get(0);
        return Report.number(figures.getOrDefault(first.figure(), 0.0) * first.factor(), first.decimals()) + " "
                + first.heading();
    }

    /** One measurement that is to be made. */
    record Turn(Cell cell, Contestant contestant, int round) {}

    /**
     * Orders the measurements: rounds, in them cells, in them everybody once; each round another one begins, so that nobody always
     * follows the same neighbor. A row that stands in two tables is measured once.
     */
    static List<Turn> turns(List<Cell> cells, int rounds) {
        List<Turn> turns = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (Cell cell : cells) {
                List<Contestant> order = new ArrayList<>(cell.baselines());
                order.addAll(cell.contestants());
                Collections.rotate(order, -(round - 1));
                for (Contestant contestant : order) {
                    Turn turn = new Turn(cell, contestant, round);
                    Predicate<Turn> isSame = other -> other.round() == turn.round()
                            && other.contestant().equals(contestant)
                            && other.cell().name().equals(cell.name());
                    if (turns.stream().noneMatch(isSame)) {
                        turns.add(turn);
                    }
                }
            }
        }
        return turns;
    }
}
