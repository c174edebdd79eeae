package io.everwire.verification.interop;

import io.everwire.verification.conversation.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A process of its own, and the lines that it prints. What it complains about goes to a log under {@code target/interop}. */
final class Program {
    static final Path LOGS = Path.of("target/interop");

    private final Process process;
    private final Path log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition printed = lock.newCondition();
    private final List<Line> lines = new ArrayList<>();
    private boolean isOver;

    /** A line and when it came. */
    record Line(String text, long atNanos) {}

    private Program(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a process.
     *
     * @param name names its log
     * @param lines is told every line that it prints
     */
    static Program start(String name, ProcessBuilder builder, Consumer<String> lines) throws IOException {
        Files.createDirectories(LOGS);
        Path log = LOGS.resolve(name.replaceAll("[^A-Za-z0-9]+", "-") + ".log");
        builder.environment().put("PYTHONUTF8", "1");
        builder.environment().put("PYTHONUNBUFFERED", "1");
        builder.environment().merge("NODE_PATH", Interpreter.NODE_MODULES, (old, ours) -> ours + ":" + old);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Program program = new Program(builder.start(), log);
        Thread reader = new Thread(() -> program.read(lines), "reads " + name);
        reader.setDaemon(true);
        reader.start();
        return program;
    }

    private void read(Consumer<String> told) {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(line);
                told.accept(line);
            }
        } catch (IOException e) {
            // Its end is what a kill looks like from here.
            add("the stream broke: " + e.getMessage());
        } finally {
            end();
        }
    }

    private void add(String line) {
        lock.lock();
        try {
            lines.add(new Line(line, System.nanoTime()));
            printed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            isOver = true;
            printed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a line that begins so, takes it away, and returns it. */
    Line await(String beginning) throws InterruptedException {
        lock.lock();
        try {
            long left = Patience.LIMIT.toNanos();
            for (Line found = take(beginning); ; found = take(beginning)) {
                if (found != null) {
                    return found;
                }
                if (left <= 0 || isOver) {
                    throw new AssertionError((isOver ? "the program ended without" : "waited in vain for") + " a line '"
                            + beginning + "…'; it printed " + lines + ", and see " + log.toAbsolutePath());
                }
                left = printed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Line take(String beginning) {
        for (Iterator<Line> each = lines.iterator(); each.hasNext(); ) {
            Line line = each.next();
            if (line.text().startsWith(beginning)) {
                each.remove();
                return line;
            }
        }
        return null;
    }

    /** Kills it and what it has started, and waits until it is gone. */
    void kill() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        if (!process.waitFor(Patience.SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " outlives its kill");
        }
    }
}
