package io.everwire.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The measurements of one suite, kept in a file that is whole after each of them. */
final class Results {
    private final Path file;
    private final Map<String, String> conditions;
    private final List<Measurement> measurements = new ArrayList<>();

    private Results(Path file, Map<String, String> conditions) {
        this.file = file;
        this.conditions = conditions;
    }

    /** Begins with nothing; a file that is there is replaced by the first measurement. */
    static Results fresh(Path file, Map<String, String> conditions) {
        return new Results(file, new LinkedHashMap<>(conditions));
    }

    /**
     * Goes on with the measurements of a file, if there are any that were made under the same conditions, and otherwise begins with
     * nothing: measurements of different machines or versions do not belong into one table. Those that were disturbed are made again.
     */
    static Results open(Path file, Map<String, String> conditions) throws IOException {
        Results results = fresh(file, conditions);
        if (Files.exists(file)) {
            Map<String, Object> kept = Json.readObject(Files.readString(file));
            if (Json.object(kept.getOrDefault("conditions", Map.of())).equals(conditions)
                    && kept.get("measurements") instanceof List<?> list) {
                list.stream()
                        .map(entry -> Measurement.ofJson(Json.object(entry)))
                        .filter(measurement -> !measurement.isDisturbed())
                        .forEach(results.measurements::add);
            }
        }
        return results;
    }

    boolean has(String cell, String contestant, int round) {
        return find(cell, contestant, round).isPresent();
    }

    Optional<Measurement> find(String cell, String contestant, int round) {
        return measurements.stream()
                .filter(measurement -> measurement.isOf(cell, contestant, round))
                .findFirst();
    }

    List<Measurement> measurements() {
        return List.copyOf(measurements);
    }

    Map<String, String> conditions() {
        return Map.copyOf(conditions);
    }

    /** Adds a measurement and writes the file; whoever pulls the plug finds the old one or the new one. */
    void add(Measurement measurement) throws IOException {
        measurements.add(measurement);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("conditions", conditions);
        json.put("measurements", measurements.stream().map(Measurement::toJson).toList());
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Path draft = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(draft, Json.write(json));
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
