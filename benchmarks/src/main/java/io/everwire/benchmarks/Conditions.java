package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Under which conditions figures are made. Figures of other conditions do not belong into the same table. */
final class Conditions {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private Conditions() {}

    static Map<String, String> of(Pace pace, List<String> flags, boolean isPinned, List<Cell> cells)
            throws IOException {
        Map<String, String> conditions = new LinkedHashMap<>();
        conditions.put("JDK", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        conditions.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        conditions.put("processor", Runtime.getRuntime().availableProcessors() + " × " + processor());
        conditions.put("cores", isPinned ? "server on core 0, load on core 1" : "not pinned, for there is no taskset");
        conditions.put(
                "flags",
                String.join(" ", flags.isEmpty() ? List.of("none beside -Xms512m -Xmx2g -XX:+UseSerialGC") : flags));
        conditions.put(
                "pace",
                pace.rounds() + " rounds; " + pace.warmUpSeconds() + " s of warm-up, then " + pace.measureSeconds()
                        + " s measured");
        conditions.put(
                "versions",
                Report.contestants(cells).stream()
                        .filter(contestant -> !contestant.version().isEmpty())
                        .map(contestant -> contestant.name() + " " + contestant.version())
                        .collect(Collectors.joining(", ")));
        return conditions;
    }

    private static String processor() throws IOException {
        if (!Files.isReadable(PROCESSORS)) {
            return System.getProperty("os.arch");
        }
        return Files.readAllLines(PROCESSORS).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    /** Returns the names of those who are not in this build. */
    static List<Contestant> missing(List<Cell> cells) {
        return Report.contestants(cells).stream()
                .filter(contestant -> !contestant.isBuilt())
                .toList();
    }
}
