package io.everwire.verification.conformance;

import io.everwire.verification.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The Autobahn test suite's fuzzing client, run by Jython in processes of its own.
 *
 * <p>Most of the time goes into Python, so the cases are divided among two processes of about equal length. They leave a log
 * and a report in HTML in the working directory.
 */
final class Autobahn {
    private static final long LONGEST_RUN_MINUTES = 20;
    /** Many small pieces of large messages: a third of the cases' time, to be run apart from all others. */
    private static final List<String> LONG_CASES = List.of("9.5.*", "9.6.*");

    private final Path directory;
    private final int port;

    private record Part(String name, Process process, Path report) {}

    /**
     * Prepares a run.
     *
     * @param directory where Maven has put {@code jython.jar} and {@code suite}
     * @param port where the server under test listens on 127.0.0.1
     */
    Autobahn(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Runs all cases and returns what was found. */
    CaseResults run() throws IOException, InterruptedException {
        List<Part> parts = new ArrayList<>();
        try {
            parts.add(start("long", LONG_CASES, List.of()));
            parts.add(start("other", List.of("*"), LONG_CASES));
            return await(parts.get(0)).and(await(parts.get(1)));
        } finally {
            parts.forEach(part -> part.process().destroyForcibly());
        }
    }

    private Part start(String name, List<String> cases, List<String> excluded) throws IOException {
        Path report = directory.resolve("report-" + name);
        Files.deleteIfExists(report.resolve("index.json"));
        Path specification = directory.resolve(name + ".json");
        Files.writeString(specification, """
                {"outdir": %s,
                 "servers": [{"agent": "server", "url": "ws://127.0.0.1:%d/", "options": {"version": 18}}],
                 "cases": %s, "exclude-cases": %s, "exclude-agent-cases": {}}
                """.formatted(quoted(report.toString()), port, list(cases), list(excluded)));
        Path script = directory.resolve("fuzzingclient.py");
        Files.writeString(script, Repository.resource(Autobahn.class, "fuzzingclient.py"));
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // No cache of its own, for the two processes would write it at the same time.
                "-Dpython.cachedir.skip=true",
                "-jar",
                directory.resolve("jython.jar").toString(),
                "-B",
                script.toString(),
                directory.resolve("suite").toString(),
                specification.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start();
        return new Part(name, process, report);
    }

    private CaseResults await(Part part) throws IOException, InterruptedException {
        String log = directory.resolve(part.name() + ".log").toString();
        if (!part.process().waitFor(LONGEST_RUN_MINUTES, TimeUnit.MINUTES)) {
            throw new IllegalStateException(
                    "Autobahn did not end within " + LONGEST_RUN_MINUTES + " minutes; see " + log);
        }
        Path index = part.report().resolve("index.json");
        if (part.process().exitValue() != 0 || !Files.exists(index)) {
            throw new IllegalStateException("Autobahn ended with exit code "
                    + part.process().exitValue() + " and "
                    + (Files.exists(index) ? "an" : "no") + " index; see " + log);
        }
        return CaseResults.ofIndex(Files.readString(index));
    }

    private static String list(List<String> texts) {
        return texts.stream().map(Autobahn::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
