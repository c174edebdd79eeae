package io.everwire.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of one contestant in one cell and one round.
 *
 * @param failure why there are no figures; empty when there are
 */
record Measurement(String cell, String contestant, int round, Map<String, Double> figures, String failure) {
    /** Of a core. */
    private static final double DISTURBED = 0.05;

    Measurement {
        figures = Map.copyOf(figures);
    }

    static Measurement of(String cell, String contestant, int round, Map<String, Double> figures) {
        return new Measurement(cell, contestant, round, figures, "");
    }

    static Measurement failed(String cell, String contestant, int round, String sentence) {
        return new Measurement(cell, contestant, round, Map.of(), sentence);
    }

    boolean isOf(String otherCell, String otherContestant, int otherRound) {
        return cell.equals(otherCell) && contestant.equals(otherContestant) && round == otherRound;
    }

    boolean hasFailed() {
        return !failure.isEmpty();
    }

    /** Tells whether other programs, or other machines on this host, had more than 5 % of a core meanwhile. */
    boolean isDisturbed() {
        return figures.getOrDefault("othersBusy", 0.0) + figures.getOrDefault("stolen", 0.0) > DISTURBED;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cell", cell);
        json.put("contestant", contestant);
        json.put("round", round);
        if (hasFailed()) {
            json.put("failure", failure);
        } else {
            Map<String, Object> rounded = new LinkedHashMap<>();
            figures.keySet().stream()
                    .sorted()
                    .forEach(key -> rounded.put(key, rounded(figures.getOrDefault(key, 0.0))));
            json.put("figures", rounded);
        }
        return json;
    }

    private static Number rounded(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? (Number) (long) value
                : Double.valueOf(String.format(java.util.Locale.ROOT, "%.5g", value));
    }

    static Measurement ofJson(Map<String, Object> json) {
        Map<String, Double> figures = new LinkedHashMap<>();
        Json.object(json.getOrDefault("figures", Map.of()))
                .forEach((figure, value) -> figures.put(figure, ((Number) value).doubleValue()));
        return new Measurement(
                text(json, "cell"),
                text(json, "contestant"),
                ((Number) json.getOrDefault("round", 0)).intValue(),
                figures,
                text(json, "failure"));
    }

    private static String text(Map<String, Object> json, String key) {
        return String.valueOf(json.getOrDefault(key, ""));
    }
}
