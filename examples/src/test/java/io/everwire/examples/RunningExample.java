package io.everwire.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An example as a person runs it: a JVM of its own, whose words are read line by line. Everything waited for has a limit. */
final class RunningExample implements AutoCloseable {
    private static final long LIMIT_SECONDS = 20;
    private static final String END = "(the end)";

    private final String name;
    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    private RunningExample(String name, Process process) {
        this.name = name;
        this.process = process;
        Thread reader = new Thread(this::readLines, name);
        reader.setDaemon(true);
        reader.start();
    }

    static RunningExample start(Class<?> example, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                example.getName()));
        command.addAll(Arrays.asList(arguments));
        return new RunningExample(
                example.getSimpleName(),
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private void readLines() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            lines.add(e.toString());
        }
        lines.add(END);
    }

    /** Waits for a line that holds the text, and returns it. */
    String awaitLine(String text) throws InterruptedException {
        String line = nextLine();
        while (!line.contains(text)) {
            assertThat(line)
                    .as("%s never said \"%s\" but: %s", name, text, seen)
                    .isNotEqualTo(END);
            line = nextLine();
        }
        return line;
    }

    private String nextLine() throws InterruptedException {
        String line = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(line)
                .as("%s said nothing for %d s after: %s", name, LIMIT_SECONDS, seen)
                .isNotNull();
        seen.add(String.valueOf(line));
        return String.valueOf(line);
    }

    /** Ends the input, as a person does with Control-D. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits until the example has ended by itself, and well. */
    void awaitEnd() throws InterruptedException {
        awaitLine(END);
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("%s ends by itself", name)
                .isTrue();
        assertThat(process.exitValue())
                .as("the exit code of %s, which said: %s", name, seen)
                .isZero();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
