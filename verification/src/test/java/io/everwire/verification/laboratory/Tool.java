package io.everwire.verification.laboratory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command of the operating system, run to its end. */
final class Tool {
    private static final int PATIENCE_SECONDS = 20;

    private Tool() {}

    /** How a command ended, and what it printed, its errors included. */
    record Result(int exit, String text) {
        boolean isFine() {
            return exit == 0;
        }
    }

    /** Runs a command that must succeed; returns what it printed. */
    static String run(List<String> command) {
        Result result = attempt(command);
        if (!result.isFine()) {
            throw new IllegalStateException(
                    String.join(" ", command) + " ended with " + result.exit() + ": " + result.text());
        }
        return result.text();
    }

    /** Runs a command that may fail, also by not being there. */
    static Result attempt(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Result(-1, "did not end within " + PATIENCE_SECONDS + " s");
            }
            return new Result(process.exitValue(), text.strip());
        } catch (IOException e) {
            return new Result(-1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while running " + command, e));
        }
    }
}
