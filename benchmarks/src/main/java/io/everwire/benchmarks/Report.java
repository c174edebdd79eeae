package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The results of a suite as Markdown: a table that compares, then every cell in detail. */
final class Report {
    /** From here on the load may have been what limited a measurement, unless the server was as busy. */
    private static final double BUSY = 0.95;
    /** A second half that is so much faster than the first shows a compiler at work. */
    private static final double DRIFT = 1.05;

    private final Suite suite;
    private final Results results;
    private final List<Cell> cells;
    private final Comparer comparer;

    Report(Suite suite, Results results, List<Cell> cells) {
        this.suite = suite;
        this.results = results;
        this.cells = cells;
        comparer = new Comparer(suite, results);
    }

    /** Returns the cells of each table, by its name. */
    static Map<String, List<Cell>> tables(List<Cell> cells) {
        return cells.stream().collect(Collectors.groupingBy(Cell::table, LinkedHashMap::new, Collectors.toList()));
    }

    /** Returns all that was measured of anybody in a table, in the order of the cells. */
    static List<Contestant> contestants(List<Cell> cells) {
        Set<Contestant> all = new LinkedHashSet<>();
        cells.forEach(cell -> all.addAll(cell.baselines()));
        cells.forEach(cell -> all.addAll(cell.contestants()));
        return List.copyOf(all);
    }

    /** Returns a number with so many decimals. */
    static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    String text() {
        List<String> lines = new ArrayList<>();
        lines.add("## " + suite.name());
        lines.add("");
        lines.add(suite.method());
        lines.add("");
        results.conditions().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(condition -> lines.add("- " + condition.getKey() + ": " + condition.getValue()));
        tables(cells).forEach((table, rows) -> lines.addAll(comparison(table, rows)));
        cells.stream()
                .collect(Collectors.toMap(Cell::name, cell -> cell, Report::larger, LinkedHashMap::new))
                .values()
                .forEach(cell -> lines.addAll(details(cell)));
        lines.addAll(warnings());
        return String.join("\n", lines) + "\n";
    }

    private static Cell larger(Cell one, Cell other) {
        return one.contestants().size() >= other.contestants().size() ? one : other;
    }

    private List<String> comparison(String table, List<Cell> rows) {
        List<Contestant> all = contestants(rows);
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                "### " + suite.name() + " " + table + ": " + suite.comparison().words());
        lines.add("");
        lines.add(row(Stream.concat(Stream.of(""), all.stream().map(Contestant::name))));
        lines.add(row(Stream.concat(Stream.of("---"), all.stream().map(contestant -> "---:"))));
        for (Cell cell : rows) {
            lines.add(row(Stream.concat(Stream.of(cell.name()), all.stream().map(one -> compared(cell, one)))));
        }
        return lines;
    }

    private String compared(Cell cell, Contestant contestant) {
        int decimals = suite.comparison().kind().decimals();
        return comparer.compare(cell, contestant)
                .map(spread -> number(spread.median(), decimals) + " (" + number(spread.least(), decimals) + "–"
                        + number(spread.most(), decimals) + ")")
                .orElse("–");
    }

    private List<String> details(Cell cell) {
        List<String> headings =
                new ArrayList<>(List.of("", suite.comparison().kind().isRatio() ? "ratio" : "over the baseline"));
        if (isPlain(cell)) {
            headings.remove(1);
        }
        if (isRate()) {
            headings.add("ratio by CPU");
        }
        suite.columns().forEach(column -> headings.add(column.heading()));
        List<String> lines = new ArrayList<>(List.of("", "### " + cell.name(), ""));
        lines.add(row(headings.stream()));
        lines.add(row(headings.stream().map(heading -> heading.isEmpty() ? "---" : "---:")));
        contestants(List.of(cell)).forEach(contestant -> lines.add(row(details(cell, contestant))));
        return lines;
    }

    private Stream<String> details(Cell cell, Contestant contestant) {
        String name = (contestant.name() + " " + contestant.version()).strip();
        String failure = comparer.failure(cell, contestant).orElse("");
        if (!failure.isEmpty()) {
            return Stream.of(name, failure);
        }
        Stream.Builder<String> fields = Stream.builder();
        fields.add(name + mark(cell, contestant));
        if (!isPlain(cell)) {
            fields.add(against(cell, contestant));
        }
        if (isRate()) {
            fields.add(comparer.thrift(cell, contestant)
                    .map(spread -> number(spread.median(), 2))
                    .orElse("–"));
        }
        suite.columns().forEach(column -> fields.add(median(cell, contestant, column)));
        return fields.build();
    }

    /** Tells whether there is nothing that a figure could be held against. */
    private boolean isPlain(Cell cell) {
        return !suite.comparison().kind().isRatio() && cell.baselines().isEmpty();
    }

    private boolean isRate() {
        return suite.comparison().kind() == Suite.Kind.RATE;
    }

    private String against(Cell cell, Contestant contestant) {
        if (suite.comparison().kind().isRatio()) {
            return compared(cell, contestant);
        }
        return comparer.difference(cell, contestant)
                .map(spread -> (spread.median() < 0 ? "" : "+") + number(spread.median(), 0))
                .orElse("–");
    }

    private String median(Cell cell, Contestant contestant, Suite.Column column) {
        OptionalDouble figure = comparer.quantile(cell, contestant, column.figure(), column.share());
        return figure.isPresent() ? number(figure.getAsDouble() * column.factor(), column.decimals()) : "–";
    }

    /** A cross where the load, and not the server, was at its limit. */
    private String mark(Cell cell, Contestant contestant) {
        double load = comparer.figure(cell, contestant, "loadBusy")
                .map(Spread::median)
                .orElse(0.0);
        double server = comparer.figure(cell, contestant, "serverBusy")
                .map(Spread::median)
                .orElse(1.0);
        return load > BUSY && server < BUSY ? " †" : "";
    }

    private List<String> warnings() {
        List<String> lines = new ArrayList<>();
        boolean isMarked = cells.stream()
                .anyMatch(cell -> contestants(List.of(cell)).stream()
                        .anyMatch(contestant -> !mark(cell, contestant).isEmpty()));
        if (isMarked) {
            lines.add("");
            lines.add("† The load was at its limit and the server was not: it can do more than this row says.");
        }
        long warming = results.measurements().stream()
                .filter(measurement -> measurement.figures().getOrDefault("drift", 1.0) > DRIFT)
                .count();
        if (warming > 0) {
            lines.add("");
            lines.add("**Not warm:** in " + warming + " of "
                    + results.measurements().size()
                    + " measurements the second half was more than 5 % faster than the first.");
        }
        long disturbed =
                results.measurements().stream().filter(Measurement::isDisturbed).count();
        if (disturbed > 0) {
            lines.add("");
            lines.add("**Disturbed:** during " + disturbed + " of "
                    + results.measurements().size()
                    + " measurements other programs, or other machines on this host, had more than 5 % of a core."
                    + " Do not publish these figures; measure on an idle machine.");
        }
        return lines;
    }

    private static String row(Stream<String> fields) {
        return fields.collect(Collectors.joining(" | ", "| ", " |"));
    }
}
