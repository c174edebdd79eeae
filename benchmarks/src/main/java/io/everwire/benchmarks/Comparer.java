package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Holds the contestants of a cell against its baselines, round by round. */
final class Comparer {
    private static final String COST = "serverMicros";

    private final Suite suite;
    private final Results results;

    Comparer(Suite suite, Results results) {
        this.suite = suite;
        this.results = results;
    }

    /**
     * Returns the median over the rounds of what the tables compare: the ratio to the best baseline of the same round, or the figure
     * itself. Empty when there is no round with both.
     */
    Optional<Spread> compare(Cell cell, Contestant contestant) {
        boolean isRatio = suite.comparison().kind().isRatio();
        return spread(rounds().mapToObj(round -> {
                    OptionalDouble own = figure(cell, contestant, round);
                    OptionalDouble best = isRatio ? baseline(cell, round) : OptionalDouble.of(1);
                    return own.isEmpty() || best.isEmpty() ? null : own.getAsDouble() / best.getAsDouble();
                })
                .filter(Objects::nonNull)
                .toList());
    }

    /** Returns the median difference to the baseline of the same round. */
    Optional<Spread> difference(Cell cell, Contestant contestant) {
        return spread(rounds().mapToObj(round -> {
                    OptionalDouble own = figure(cell, contestant, round);
                    OptionalDouble least = baseline(cell, round);
                    return own.isEmpty() || least.isEmpty() ? null : own.getAsDouble() - least.getAsDouble();
                })
                .filter(Objects::nonNull)
                .toList());
    }

    /**
     * Returns the median ratio of the server's CPU time for each event to that of the cheapest baseline of the same round, as a rate: 1
     * is as cheap, 0.5 costs twice as much. It holds also where the server was not busy.
     */
    Optional<Spread> thrift(Cell cell, Contestant contestant) {
        return spread(rounds().mapToObj(round -> {
                    OptionalDouble own = figure(cell, contestant, round, COST);
                    OptionalDouble least = baselines(cell, round, COST).min();
                    return own.isEmpty() || least.isEmpty() ? null : least.getAsDouble() / own.getAsDouble();
                })
                .filter(Objects::nonNull)
                .toList());
    }

    /** Returns the median of a figure over the rounds. */
    Optional<Spread> figure(Cell cell, Contestant contestant, String figure) {
        return spread(measurements(cell, contestant)
                .map(measurement -> measurement.figures().get(figure))
                .filter(Objects::nonNull)
                .toList());
    }

    /** Returns what a figure did not exceed in a share of the rounds; 0.5 for the median. */
    OptionalDouble quantile(Cell cell, Contestant contestant, String figure, double share) {
        List<Double> values = measurements(cell, contestant)
                .map(measurement -> measurement.figures().get(figure))
                .filter(Objects::nonNull)
                .toList();
        return values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Spread.quantile(values, share));
    }

    /** Returns why a contestant has no figures in a cell; empty when it has some. */
    Optional<String> failure(Cell cell, Contestant contestant) {
        List<Measurement> all = measurements(cell, contestant).toList();
        return all.stream().allMatch(Measurement::hasFailed)
                ? all.stream().map(Measurement::failure).findFirst()
                : Optional.empty();
    }

    private static Optional<Spread> spread(List<Double> values) {
        return values.isEmpty() ? Optional.empty() : Optional.of(Spread.of(values));
    }

    private OptionalDouble baseline(Cell cell, int round) {
        DoubleStream all = baselines(cell, round, suite.comparison().figure());
        return suite.comparison().kind() == Suite.Kind.RATE ? all.max() : all.min();
    }

    private DoubleStream baselines(Cell cell, int round, String figure) {
        return cell.baselines().stream()
                .map(contestant -> figure(cell, contestant, round, figure))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble);
    }

    private OptionalDouble figure(Cell cell, Contestant contestant, int round) {
        return figure(cell, contestant, round, suite.comparison().figure());
    }

    private OptionalDouble figure(Cell cell, Contestant contestant, int round, String figure) {
        return results.find(cell.name(), contestant.name(), round)
                .map(measurement -> measurement.figures().get(figure))
                .map(OptionalDouble::of)
                .orElse(OptionalDouble.empty());
    }

    private Stream<Measurement> measurements(Cell cell, Contestant contestant) {
        return rounds().mapToObj(round -> results.find(cell.name(), contestant.name(), round))
                .flatMap(Optional::stream);
    }

    private IntStream rounds() {
        return results.measurements().stream().mapToInt(Measurement::round).distinct();
    }
}
