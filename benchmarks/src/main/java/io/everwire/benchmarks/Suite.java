package io.everwire.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Cells that are measured in the same way: a {@link SoloSuite} or a {@link JointSuite}. */
interface Suite {
    /** Returns the name: that of the command's argument and of the files. */
    String name();

    /** Returns what is measured and how, in a few sentences for whoever reads the tables. */
    String method();

    /** Returns how long this suite measures, beside what is usual. */
    default Pace pace(Pace usual) {
        return usual;
    }

    /** Returns what of the machine its figures rest on, beside what all suites' do. */
    default Map<String, String> conditions() {
        return Map.of();
    }

    /** Returns the rows of all tables. */
    List<Cell> cells(Pace pace);

    /** Returns what the tables compare. */
    Comparison comparison();

    /** Returns what is told of each cell in detail. */
    List<Column> columns();

    /** Has a runner measure all that is missing, in the suite's own way. */
    void measureBy(Runner runner, Arena arena, List<Cell> cells) throws IOException, InterruptedException;

    /** How the figures of a table are told. */
    enum Kind {
        /** As a ratio to the largest of the baselines in the same round: the more, the better. */
        RATE,
        /** As a ratio to the least of the baselines in the same round: the less, the better. */
        COST,
        /** As they are, with the difference to the least of the baselines in the same round: the less, the better. */
        AMOUNT,
        /** As they are, to two places, for they are ratios by themselves: the less, the better. */
        MULTIPLE;

        /** Tells whether figures are held against baselines. */
        boolean isRatio() {
            return this == RATE || this == COST;
        }

        int decimals() {
            return this == AMOUNT ? 0 : 2;
        }
    }

    /**
     * What tables compare.
     *
     * @param figure which figure
     * @param words what it is, for a heading
     */
    record Comparison(String figure, String words, Kind kind) {}

    /**
     * A column of details.
     *
     * @param decimals behind the point
     * @param share of the rounds in which the figure was not greater: 0.5 for the median
     */
    record Column(String figure, String heading, double factor, int decimals, double share) {
        Column(String figure, String heading, double factor, int decimals) {
            this(figure, heading, factor, decimals, 0.5);
        }
    }
}
