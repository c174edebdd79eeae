package io.everwire.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What goes wrong, and when: a list of faults with their times.
 *
 * <p>As text, a plan has a line for each step, {@code time fault [arguments]}:
 *
 * <pre>
 * # the cable is out for six seconds
 * +2s blackhole
 * +8s heal
 * </pre>
 *
 * Times count from the start of the plan, not from the line before. Empty lines and what follows a {@code #} are
 * ignored. The random part of a fault (jitter) comes from the seed of whoever runs the plan: the same plan and the same
 * seed give the same faults.
 *
 * @param steps the steps, none earlier than the one before it
 */
public record FaultPlan(List<Step> steps) {

    /**
     * One fault at its time.
     *
     * @param at the time since the start of the plan; not negative
     * @param fault what happens then
     */
    public record Step(Duration at, Fault fault) {

        /**
         * Makes a step.
         *
         * @throws IllegalArgumentException if the time is negative
         */
        public Step {
            if (at.isNegative()) {
                throw new IllegalArgumentException(
                        "a step cannot be %s before the start of its plan".formatted(Quantity.text(at.negated())));
            }
        }

        @Override
        public String toString() {
            return "+" + Quantity.text(at) + " " + fault;
        }
    }

    /**
     * Makes a plan.
     *
     * @throws IllegalArgumentException if a step is earlier than the one before it
     */
    public FaultPlan {
        steps = List.copyOf(steps);
        for (int i = 1; i < steps.size(); i++) {
            requireOrder(steps.get(i - 1), steps.get(i));
        }
    }

    /**
     * Reads a plan from its text.
     *
     * @param text the lines; an empty text is a plan in which nothing happens
     * @return the plan
     * @throws IllegalArgumentException with a sentence that begins with the number of the wrong line
     */
    public static FaultPlan parse(String text) {
        List<Step> steps = new ArrayList<>();
        String[] lines = text.split("\\R", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = withoutComment(lines[i]);
            if (line.isEmpty()) {
                continue;
            }
            try {
                Step step = step(line);
                if (!steps.isEmpty()) {
                    requireOrder(steps.get(steps.size() - 1), step);
                }
                steps.add(step);
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException("line %d: %s".formatted(i + 1, wrong.getMessage()), wrong);
            }
        }
        return new FaultPlan(steps);
    }

    /** The plan's text, which {@link #parse} reads back. */
    @Override
    public String toString() {
        return steps.stream().map(Step::toString).collect(Collectors.joining("\n"));
    }

    private static String withoutComment(String line) {
        int hash = line.indexOf('#');
        return (hash < 0 ? line : line.substring(0, hash)).strip();
    }

    private static Step step(String line) {
        String[] parts = line.split("\\s+", 2);
        if (!parts[0].startsWith("+")) {
            throw new IllegalArgumentException(
                    "\"%s\" is not a time; a line begins with one, as in \"+2s blackhole\"".formatted(parts[0]));
        }
        Duration at = Quantity.duration(parts[0].substring(1));
        return new Step(at, Fault.parse(parts.length < 2 ? "" : parts[1]));
    }

    private static void requireOrder(Step earlier, Step later) {
        if (later.at().compareTo(earlier.at()) < 0) {
            throw new IllegalArgumentException("+%s comes after +%s; times count from the start of the plan"
                    .formatted(Quantity.text(later.at()), Quantity.text(earlier.at())));
        }
    }
}
