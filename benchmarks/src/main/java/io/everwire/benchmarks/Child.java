package io.everwire.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process that is talked to by lines; what it says on its error stream is kept in a file. */
final class Child implements AutoCloseable {
    private static final Duration FAREWELL = Duration.ofSeconds(10);
    private static final int LAST_LINES = 5;

    private final Process process;
    private final Path log;
    private final BufferedWriter orders;
    private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();

    /** A line, or the end. */
    private record Line(@Nullable String text) {}

    private Child(Process process, Path log) {
        this.process = process;
        this.log = log;
        orders = process.outputWriter(StandardCharsets.UTF_8);
        Thread reading = new Thread(this::read, "child-" + process.pid());
        reading.setDaemon(true);
        reading.start();
    }

    static Child start(List<String> command, Path log) throws IOException {
        return new Child(new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(new Line(line));
            }
        } catch (IOException | UncheckedIOException e) {
            // It is gone, which is what the end says.
        }
        lines.add(new Line(null));
    }

    long pid() {
        return process.pid();
    }

    /** Returns the next line. */
    String line(Duration patience) throws IOException, InterruptedException {
        Line line = lines.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (line == null) {
            throw new IOException("the process said nothing for " + patience.toSeconds() + " s" + lastWords());
        }
        if (line.text() == null) {
            throw new IOException("the process ended by itself" + lastWords());
        }
        return line.text();
    }

    /** Writes a line. */
    void tell(String order) throws IOException {
        orders.write(order);
        orders.newLine();
        orders.flush();
    }

    /** Writes a line and returns the next one. */
    String ask(String order, Duration patience) throws IOException, InterruptedException {
        tell(order);
        return line(patience);
    }

    /** Returns the CPU time that it has had. */
    long cpuNanos() {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    /** Stops the process where it stands (SIGSTOP), as a suspended machine or a long garbage collection does. */
    void standStill() throws IOException {
        signal("-STOP");
    }

    /** Lets it go on (SIGCONT). */
    void goOn() throws IOException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException {
        Namespace.runHere(List.of("kill", signal, Long.toString(process.pid())));
    }

    private String lastWords() throws IOException {
        List<String> said = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return said.isEmpty()
                ? "; it left no words"
                : "; its last words: "
                        + String.join(" / ", said.subList(Math.max(0, said.size() - LAST_LINES), said.size()));
    }

    /** Ends its input, and with it the process; what does not end then is killed. */
    void end() throws IOException {
        orders.close();
    }

    /** Kills the process (SIGKILL), and waits until it has ended. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        try {
            orders.close();
            if (process.waitFor(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (IOException e) {
            // It has gone before.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
