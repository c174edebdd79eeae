package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of the command in this process, with streams of its own; closing it asks it to stop. */
final class Run implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Stop stop = new Stop();
    private final PipedOutputStream typed = new PipedOutputStream();
    private final Lines out = new Lines();
    private final Lines err = new Lines();
    private final CompletableFuture<Integer> exitCode;

    private Run(String... args) {
        InputStream in;
        try {
            in = new PipedInputStream(typed, 1 << 16);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Terminal terminal = new Terminal(in, stream(out), stream(err), false, Paint.NONE, stop);
        exitCode = new CompletableFuture<>();
        Thread thread = new Thread(() -> exitCode.complete(Main.run(terminal, args)), "run " + String.join(" ", args));
        thread.setDaemon(true);
        thread.start();
    }

    private static PrintStream stream(OutputStream target) {
        return new PrintStream(target, false, StandardCharsets.UTF_8);
    }

    static Run of(String... args) {
        return new Run(args);
    }

    /** Types a line on stdin. */
    Run type(String line) {
        try {
            typed.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            typed.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    /** Ends stdin. */
    Run endOfInput() {
        try {
            typed.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    /** Asks the command to stop, as SIGTERM does. */
    Run interrupt() {
        stop.ask();
        return this;
    }

    int exitCode() {
        try {
            return exitCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return fail("the command has not ended; stdout: " + out + ", stderr: " + err);
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    Lines out() {
        return out;
    }

    Lines err() {
        return err;
    }

    int port() {
        return out.port();
    }

    @Override
    public void close() {
        // Twice: a server that drains stops at once then.
        interrupt().interrupt();
        exitCode();
    }

    /** What was written, line by line. */
    static final class Lines extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
            bytes.write(b);
            notifyAll();
        }

        @Override
        public synchronized void write(byte[] buffer, int offset, int length) {
            bytes.write(buffer, offset, length);
            notifyAll();
        }

        /** Returns the complete lines of this moment. */
        synchronized List<String> list() {
            List<String> lines = new ArrayList<>(List.of(text().split("\n", -1)));
            lines.remove(lines.size() - 1);
            return lines;
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        /** Waits for a server's first line and reads the port in it. */
        int port() {
            Matcher port = Pattern.compile("\"port\":(\\d+)").matcher(await(line -> line.contains("\"listening\"")));
            assertThat(port.find()).isTrue();
            return Integer.parseInt(port.group(1));
        }

        /** Waits for a line and returns the first one that matches. */
        String await(Predicate<String> wanted) {
            return awaitMany(wanted, 1).get(0);
        }

        /** Waits for so many lines that match and returns them. */
        synchronized List<String> awaitMany(Predicate<String> wanted, int count) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (true) {
                List<String> found = list().stream().filter(wanted).toList();
                if (found.size() >= count) {
                    return found;
                }
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return fail("only " + found.size() + " of " + count + " lines came; there are: " + text());
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public String toString() {
            return text();
        }
    }
}
