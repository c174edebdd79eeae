package io.everwire.benchmarks;

import io.everwire.benchmarks.clients.CalmMain;
import io.everwire.benchmarks.clients.ClientMain;
import io.everwire.benchmarks.clients.Clients;
import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.ServerMain;
import io.everwire.benchmarks.load.LoadMain;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Where processes meet: servers on one core, loads on another, each in a JVM of its own with the same flags. */
final class Arena {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration LONGEST_LOAD = Duration.ofMinutes(3);
    private static final String SERVER_CORE = "0";
    private static final String LOAD_CORE = "1";
    private static final int FIRST_THAT_WARNS = 24;

    private final Path logs;
    private final List<String> flags;
    /** What a command begins with, to be run where the arena is. */
    private final List<String> place;

    private final boolean isPinned;

    /**
     * Makes an arena.
     *
     * @param flags for every server, beside its own
     */
    Arena(Path logs, List<String> flags) {
        this(logs, flags, List.of());
    }

    private Arena(Path logs, List<String> flags, List<String> place) {
        this.logs = logs;
        this.flags = flags;
        this.place = place;
        isPinned = Runtime.getRuntime().availableProcessors() > 1 && hasTaskset();
    }

    private static boolean hasTaskset() {
        String path = System.getenv("PATH");
        return path != null
                && Stream.of(path.split(File.pathSeparator, -1))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "taskset")));
    }

    /** Returns an arena like this one in a network of the run's own. */
    Arena in(Namespace network) {
        return new Arena(logs, flags, network.on());
    }

    /** Tells whether servers and loads have cores of their own. */
    boolean isPinned() {
        return isPinned;
    }

    /**
     * A server that listens.
     *
     * @param epochMillis since when, by its own clock
     */
    record Server(Child child, int port, long epochMillis) implements AutoCloseable {
        /** Gives an order and returns the answer; see {@link ServerMain}. */
        long ask(String order) throws IOException, InterruptedException {
            return Long.parseLong(tell(order));
        }

        /** Gives an order that is not answered by a number. */
        String tell(String order) throws IOException, InterruptedException {
            return child.ask(order, START);
        }

        @Override
        public void close() {
            child.close();
        }
    }

    /** Starts a contestant. */
    Server start(Contestant contestant, String... more) throws IOException, InterruptedException {
        if (!contestant.isBuilt()) {
            throw new IOException(contestant.name() + " is not in this build; build with JDK 21 or newer");
        }
        List<String> all = new ArrayList<>(List.of("-Xms512m", "-Xmx2g", "-XX:+UseSerialGC"));
        all.addAll(flags);
        all.addAll(contestant.flags());
        all.addAll(List.of(more));
        Child child = java(SERVER_CORE, all, "server-" + contestant.key(), ServerMain.class, contestant.type());
        try {
            String[] words = child.line(START).split(" ", 2);
            return new Server(child, Integer.parseInt(words[0]), Long.parseLong(words[1]));
        } catch (IOException | InterruptedException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            child.close();
            throw e;
        }
    }

    /** Returns where a program's errors are kept. */
    Path log(String name) throws IOException {
        return Files.createDirectories(logs).resolve(name + ".log");
    }

    /** Starts a load that is talked to. */
    Child startLoad(String... arguments) throws IOException {
        // A collector that has to work for the load takes from what the load can do.
        List<String> memory = List.of("-Xms1g", "-Xmx2g", "-XX:+UseSerialGC");
        return java(LOAD_CORE, memory, "load-" + arguments[0], LoadMain.class, arguments);
    }

    /** Starts a client that comes back by itself; see {@link ClientMain}. */
    Child startClient(Contestant contestant, String host, int port, String path) throws IOException {
        String name = "client-" + contestant.key();
        if (Clients.isPython(contestant)) {
            return start(LOAD_CORE, name, Clients.command(contestant, host, port, path, logs.resolve("python")));
        }
        List<String> options = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC"));
        options.addAll(contestant.flags());
        return java(LOAD_CORE, options, name, ClientMain.class, contestant.type(), "ws://" + host + ":" + port + path);
    }

    /** Starts many sessions of Everwire's client in one process; see {@link CalmMain}. */
    Child startSessions(String... arguments) throws IOException {
        return java(
                LOAD_CORE, List.of("-Xms256m", "-Xmx2g", "-XX:+UseSerialGC"), "sessions", CalmMain.class, arguments);
    }

    /** What is done when a load reaches a moment. */
    @FunctionalInterface
    interface Witness {
        void handle(String moment) throws IOException, InterruptedException;
    }

    /** Runs a load to its end and returns its figures. */
    Map<String, Double> run(Witness witness, String... arguments) throws IOException, InterruptedException {
        try (Child load = startLoad(arguments)) {
            return figures(load, witness);
        }
    }

    /** Follows a load until its last figure. */
    static Map<String, Double> figures(Child load, Witness witness) throws IOException, InterruptedException {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String line = load.line(LONGEST_LOAD); !line.equals("end"); line = load.line(LONGEST_LOAD)) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "at" -> witness.handle(words[1]);
                case "=" -> {
                    String[] figure = words[1].split(" ", -1);
                    figures.put(figure[0], Double.valueOf(figure[1]));
                }
                case "failed" -> throw new IOException(words[1]);
                default -> throw new IOException("the load said '" + line + "'");
            }
        }
        return figures;
    }

    private Child java(String core, List<String> options, String name, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= FIRST_THAT_WARNS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return start(core, name, command);
    }

    private Child start(String core, String name, List<String> command) throws IOException {
        List<String> whole = new ArrayList<>(place);
        if (isPinned) {
            whole.addAll(List.of("taskset", "-c", core));
        }
        whole.addAll(command);
        return Child.start(whole, log(name));
    }
}
