package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A table as bars: a group for each row, a bar for each contestant, a whisker from its least round to its best. */
final class Plot {
    private static final int WIDTH = 760;
    private static final int LEFT = 150;
    private static final int RIGHT = 90;
    private static final int BAR = 16;
    private static final int GAP = 4;
    private static final int HEAD = 46;
    private static final int GROUP = 30;

    private final Comparer comparer;
    private final Suite suite;
    private final StringBuilder svg = new StringBuilder();

    private Plot(Suite suite, Results results) {
        this.suite = suite;
        comparer = new Comparer(suite, results);
    }

    /** Draws one table. */
    static String svg(Suite suite, Results results, String table, List<Cell> rows) {
        return new Plot(suite, results).draw(table, rows);
    }

    private String draw(String table, List<Cell> rows) {
        double most = rows.stream()
                .flatMap(cell -> Report.contestants(List.of(cell)).stream().map(one -> comparer.compare(cell, one)))
                .flatMap(Optional::stream)
                .mapToDouble(Spread::most)
                .filter(value -> value > 0)
                .max()
                .orElse(1);
        int y = HEAD;
        for (Cell cell : rows) {
            y = group(cell, y, most);
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                <text x="12" y="24" font-size="15" font-weight="bold">%s</text>
                %s</svg>
                """.formatted(
                WIDTH,
                y + GAP,
                escaped(suite.name() + " " + table + ": " + suite.comparison().words()),
                svg);
    }

    private int group(Cell cell, int top, double most) {
        int y = top + GROUP - GAP;
        svg.append(String.format(
                Locale.ROOT, "<text x=\"12\" y=\"%d\" font-weight=\"bold\">%s</text>%n", y - 8, escaped(cell.name())));
        for (Contestant contestant : Report.contestants(List.of(cell))) {
            Optional<Spread> spread = comparer.compare(cell, contestant);
            if (spread.isPresent()) {
                bar(cell, contestant, spread.get(), y, most);
                y += BAR + GAP;
            }
        }
        return y;
    }

    private void bar(Cell cell, Contestant contestant, Spread spread, int y, double most) {
        double scale = (WIDTH - LEFT - RIGHT) / most;
        String color = contestant.name().startsWith("Everwire")
                ? "#0b6e4f"
                : cell.baselines().contains(contestant) ? "#888888" : "#9db4c0";
        int middle = y + BAR / 2;
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                LEFT - 6,
                middle + 4,
                escaped(contestant.name())));
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                LEFT,
                y,
                spread.median() * scale,
                BAR,
                color));
        svg.append(String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %d H%.1f\" stroke=\"#222222\"/>%n",
                LEFT + spread.least() * scale,
                middle,
                LEFT + spread.most() * scale));
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
                LEFT + spread.most() * scale + 5,
                middle + 4,
                Report.number(spread.median(), suite.comparison().kind().decimals())));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
