package io.everwire.verification.conformance;

import io.everwire.verification.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A part of the Autobahn suite that Jython runs in a process of its own. It leaves a log and a report, in HTML too, in Maven's
 * directory.
 *
 * @param process ends with {@link #close} at the latest
 * @param report the directory of the report; an older index is deleted at the start
 * @param log what the suite prints
 */
record Jython(Process process, Path report, Path log) implements AutoCloseable {
    private static final String INDEX = "index.json";

    /**
     * Starts one of the scripts that lie beside this class.
     *
     * @param directory where Maven has put {@code jython.jar} and {@code suite}
     * @param name of this part, for the names of its files
     * @param script takes the suite, the specification and {@code more} as its arguments
     * @param specification JSON for the suite, with {@code %s} where the report's directory belongs
     */
    static Jython start(Path directory, String name, String script, String specification, Path... more)
            throws IOException {
        Path report = directory.resolve("report-" + name);
        Files.deleteIfExists(report.resolve(INDEX));
        Path specified = directory.resolve(name + ".json");
        Files.writeString(specified, specification.formatted(quoted(report.toString())));
        Path copy = directory.resolve(script);
        Files.writeString(copy, Repository.resource(Jython.class, script));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // No cache of its own, for several processes would write it at the same time.
                "-Dpython.cachedir.skip=true",
                "-jar",
                directory.resolve("jython.jar").toString(),
                "-B",
                copy.toString(),
                directory.resolve("suite").toString(),
                specified.toString()));
        for (Path argument : more) {
            command.add(argument.toString());
        }
        Path log = directory.resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Jython(process, report, log);
    }

    /** Reads the verdicts that the suite has written. */
    CaseResults results() throws IOException {
        Path index = report.resolve(INDEX);
        if (!Files.exists(index)) {
            throw new IllegalStateException("Autobahn wrote no " + index + "; see " + log);
        }
        return CaseResults.ofIndex(Files.readString(index));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The texts as a list in JSON. */
    static String list(List<String> texts) {
        return texts.stream().map(Jython::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
