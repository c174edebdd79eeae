package io.everwire.store.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of its own that uses a store and prints what it was told; see {@link ChildProgram}. */
final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;

    private Child(Process process) {
        this.process = process;
        lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Child start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /** Starts it by way of other programs. */
    static Child start(List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(ChildProgram.class.getName());
        command.addAll(List.of(arguments));
        return new Child(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits for a line; null when the process has ended. */
    String line() throws IOException {
        return lines.readLine();
    }

    /** Waits for the end, and returns what was printed until then. */
    List<String> rest() throws IOException {
        return lines.lines().toList();
    }

    void tell(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    long pid() {
        return process.pid();
    }

    /** Kills it as {@code kill -9} does, and returns what it had printed before. */
    List<String> kill() throws Exception {
        // Process.destroyForcibly would throw away what was printed and not read yet.
        process.toHandle().destroyForcibly();
        process.waitFor(60, TimeUnit.SECONDS);
        return rest();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
