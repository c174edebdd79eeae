package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of the command in a process of its own, which can be killed; closing it kills it. */
final class KillableRun implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Process process;
    private final Run.Lines out = new Run.Lines();
    private final Run.Lines err = new Run.Lines();

    private KillableRun(Process process) {
        this.process = process;
        copy(process.getInputStream(), out);
        copy(process.getErrorStream(), err);
    }

    private static void copy(InputStream from, OutputStream to) {
        Thread thread = new Thread(
                () -> {
                    try (from) {
                        from.transferTo(to);
                    } catch (IOException e) {
                        // The process was killed in the middle of a line.
                    }
                },
                "copy");
        thread.setDaemon(true);
        thread.start();
    }

    static KillableRun of(String... args) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED"); // as the launcher: else the JVM warns on stderr
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(Arrays.asList(args));
        try {
            return new KillableRun(new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Types a line on stdin. */
    KillableRun type(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    /** Kills it with SIGKILL: it has no last word. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Asks it to stop with SIGTERM, and returns its exit code. */
    int terminate() {
        process.destroy();
        awaitEnd();
        return process.exitValue();
    }

    private void awaitEnd() {
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("the process ends; stdout: %s, stderr: %s", out, err)
                    .isTrue();
        } catch (InterruptedException e) {
            fail("interrupted");
        }
    }

    Run.Lines out() {
        return out;
    }

    Run.Lines err() {
        return err;
    }

    @Override
    public void close() {
        kill();
    }
}
