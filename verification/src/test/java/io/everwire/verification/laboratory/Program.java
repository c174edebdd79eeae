package io.everwire.verification.laboratory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A program that runs at one end of the cable. It is known by the events it prints, and by what the kernel says of it. */
final class Program implements AutoCloseable {
    private static final Path LOGS = Path.of("target", "laboratory", "logs");

    private final String name;
    private final Process process;
    private final List<Event> events = new ArrayList<>();
    private boolean isOver;

    private Program(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    static Program start(String name, List<String> command) {
        try {
            Files.createDirectories(LOGS);
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            Program end = new Program(name, process);
            Thread reader = new Thread(end::read, name + "-reader");
            reader.setDaemon(true);
            reader.start();
            return end;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                PrintWriter log = new PrintWriter(Files.newBufferedWriter(LOGS.resolve(name + ".log")), true)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.println(line);
                synchronized (events) {
                    events.add(Event.of(line));
                    events.notifyAll();
                }
            }
        } catch (IOException e) {
            // The process was ended while it printed.
        }
        synchronized (events) {
            isOver = true;
            events.notifyAll();
        }
    }

    long pid() {
        return process.pid();
    }

    Vitals vitals() {
        return Vitals.of(process.pid());
    }

    /** Writes a line to the process's standard input. */
    void tell(String line) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not listen any more", e);
        }
    }

    /** Limits how many descriptors the process may have open from now on. */
    void limitDescriptors(int most) {
        Tool.run(List.of("prlimit", "--pid", String.valueOf(process.pid()), "--nofile=" + most + ":"));
    }

    /** Stops the process where it stands, as a debugger, a suspended machine or a long garbage collection does. */
    long stop() {
        signal("-STOP");
        return System.currentTimeMillis();
    }

    /** Lets a stopped process go on. Returns the moment before. */
    long goOn() {
        long before = System.currentTimeMillis();
        signal("-CONT");
        return before;
    }

    /** Asks the process to end, as Ctrl+C does, and waits until it has. */
    void interrupt() {
        signal("-INT");
        awaitEnd();
    }

    private void signal(String signal) {
        Tool.run(List.of("kill", signal, String.valueOf(process.pid())));
    }

    /** Returns every event so far. */
    List<Event> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    /** Returns the events of these names that were stamped at or after a moment. */
    List<Event> since(long epochMillis, String... names) {
        return events().stream()
                .filter(event -> event.epochMillis() >= epochMillis && event.is(names))
                .toList();
    }

    /** Waits for an event of one of these names that was stamped at or after a moment. */
    Event await(long sinceMillis, Duration patience, String... names) {
        return await(
                String.join(" or ", names), patience, event -> event.epochMillis() >= sinceMillis && event.is(names));
    }

    /** Waits for the first event that fits. */
    Event await(String what, Duration patience, Predicate<Event> fits) {
        return find(patience, fits)
                .orElseThrow(() -> new AssertionError(
                        "no event '" + what + "' of " + name + " within " + patience.toMillis() + " ms; " + story()));
    }

    /** Lets time pass, but for an event that fits: then returns it at once. */
    Optional<Event> find(Duration patience, Predicate<Event> fits) {
        long until = System.nanoTime() + patience.toNanos();
        synchronized (events) {
            int seen = 0;
            while (true) {
                for (; seen < events.size(); seen++) {
                    if (fits.test(events.get(seen))) {
                        return Optional.of(events.get(seen));
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0 || isOver) {
                    return Optional.empty();
                }
                try {
                    events.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted while waiting for " + name, e);
                }
            }
        }
    }

    /** Returns the last events, for the message of a failure. */
    String story() {
        List<Event> all = events();
        String last = String.join(
                "\n  ",
                all.subList(Math.max(0, all.size() - 12), all.size()).stream()
                        .map(Event::line)
                        .toList());
        return name + (process.isAlive() ? " runs" : " has ended") + " and said last:\n  " + last;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
