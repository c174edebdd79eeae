package io.everwire.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of the run's own, a namespace of Linux's: what is cut in it is cut for nobody else. It goes with the run; what a run
 * that was killed has left is removed by the next.
 */
final class Namespace implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("everwire-bench-(\\d+)-\\d+");
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Set<Namespace> OPEN = ConcurrentHashMap.newKeySet();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> List.copyOf(OPEN).forEach(Namespace::close)));
    }

    private final String name;

    private Namespace(String name) {
        this.name = name;
    }

    /**
     * Makes one with a loopback interface.
     *
     * @throws IOException with a sentence that says what is missing: Linux, a tool, or the right to do it
     */
    static Namespace make() throws IOException {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            throw new IOException("network namespaces need Linux; measure in a virtual machine");
        }
        removeLeftovers();
        Namespace made =
                new Namespace("everwire-bench-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
        Ended added = attempt(List.of("ip", "netns", "add", made.name));
        if (!added.isFine()) {
            throw new IOException("the kernel made no network namespace (" + added.text()
                    + "); measure as root, with iproute2 installed");
        }
        OPEN.add(made);
        try {
            made.run("ip", "link", "set", "lo", "up");
            Ended listed = attempt(made.on("iptables", "-w", "-L", "-n"));
            if (!listed.isFine()) {
                throw new IOException("iptables does not work (" + listed.text()
                        + "); install iptables, and measure on a kernel with netfilter");
            }
            return made;
        } catch (IOException e) {
            made.close();
            throw e;
        }
    }

    private static void removeLeftovers() {
        attempt(List.of("ip", "netns", "list")).text().lines().forEach(line -> {
            String found = line.split(" ", 2)[0];
            Matcher matcher = NAME.matcher(found);
            if (matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
                endProcesses(found);
                attempt(List.of("ip", "netns", "delete", found));
            }
        });
    }

    private static void endProcesses(String namespace) {
        attempt(List.of("ip", "netns", "pids", namespace))
                .text()
                .lines()
                .filter(line -> line.matches("\\d+"))
                .map(line -> ProcessHandle.of(Long.parseLong(line)))
                .flatMap(Optional::stream)
                .forEach(ProcessHandle::destroyForcibly);
    }

    String name() {
        return name;
    }

    /** Returns the command that runs a command in it; the process keeps its id. */
    List<String> on(String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(List.of(command));
        return whole;
    }

    /** Runs a command in it that must succeed. */
    void run(String... command) throws IOException {
        runHere(on(command));
    }

    /** Runs a command outside that must succeed. */
    static void runHere(List<String> command) throws IOException {
        Ended ended = attempt(command);
        if (!ended.isFine()) {
            throw new IOException(String.join(" ", command) + " ended with " + ended.exit() + ": " + ended.text());
        }
    }

    @Override
    public void close() {
        if (OPEN.remove(this)) {
            attempt(List.of("ip", "netns", "delete", name));
        }
    }

    /** How a command ended, and what it printed, its errors included. */
    record Ended(int exit, String text) {
        boolean isFine() {
            return exit == 0;
        }
    }

    /** Runs a command that may fail, also by not being there. */
    static Ended attempt(List<String> command) {
        return attempt(command, PATIENCE);
    }

    static Ended attempt(List<String> command, Duration patience) {
        try {
            // A file, and no pipe: whoever reads a pipe to its end waits for as long as the command likes.
            Path said = Files.createTempFile("everwire-bench", ".txt");
            try {
                return attempt(command, patience, said);
            } finally {
                Files.deleteIfExists(said);
            }
        } catch (IOException e) {
            return new Ended(-1, String.valueOf(e.getMessage()));
        }
    }

    private static Ended attempt(List<String> command, Duration patience, Path said) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Ended(-1, "it did not end within " + patience.toMillis() + " ms");
            }
            return new Ended(process.exitValue(), new String(Files.readAllBytes(said), StandardCharsets.UTF_8).strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ended(-1, "it was interrupted");
        } finally {
            process.destroyForcibly();
        }
    }
}
