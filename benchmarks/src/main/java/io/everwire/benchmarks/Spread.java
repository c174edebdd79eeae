package io.everwire.benchmarks;

import java.util.List;

/** The median of some rounds, and the least and the most of them. */
record Spread(double median, double least, double most) {
    /** Returns the least of the values that is not exceeded by this share of them; of two in the middle their mean. */
    static double quantile(List<Double> values, double share) {
        if (share == 0.5) {
            return of(values).median();
        }
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }

    /**
     * Takes the spread of values.
     *
     * @throws IllegalArgumentException when there is none
     */
    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("there is no spread of no values");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
